/** Where an identity provider leads back to whoever tries a sign-in from the portal: this path of the hub. */
export const trialPath = '/cluster-sign-in'
