/** By what a person was let in when they last signed in, and what is known of it since. */
export type Admission = {
  /** As which client of the provider the hub asked. */
  clientId: string
  /** What the hub called the tenant, at Entra. */
  tenant: string | null
  isEmailVerified: boolean
  /** Of GitHub; null where it did not say. */
  orgs: readonly { id: number; login: string }[] | null
}
