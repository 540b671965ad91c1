import type { OidcProfile, OidcSetup } from '@hub/shared'
import { writeYaml } from '#yaml'
import { usernamePrefixOf } from './predict-name.ts'

/** The two objects of an OpenShift that name an identity provider, which do different things. */
export function describeOpenShift(profile: OidcProfile): OidcSetup['openShift'] {
  const { clientId, groupsClaim, groupsPrefix, issuer, usernameClaim } = profile
  const prefix = usernamePrefixOf(profile)
  return {
    oAuth: writeYaml({
      apiVersion: 'config.openshift.io/v1',
      kind: 'OAuth',
      metadata: { name: 'cluster' },
      spec: {
        identityProviders: [
          {
            name: 'oidc',
            mappingMethod: 'claim',
            type: 'OpenID',
            openID: {
              issuer,
              clientID: clientId,
              clientSecret: { name: 'oidc-client-secret' },
              claims: {
                preferredUsername: [usernameClaim],
                ...(groupsClaim !== null && { groups: [groupsClaim] }),
              },
            },
          },
        ],
      },
    }),
    authentication: writeYaml({
      apiVersion: 'config.openshift.io/v1',
      kind: 'Authentication',
      metadata: { name: 'cluster' },
      spec: {
        type: 'OIDC',
        webhookTokenAuthenticator: null,
        oidcProviders: [
          {
            name: 'oidc',
            issuer: { issuerURL: issuer, audiences: [clientId] },
            claimMappings: {
              username:
                prefix === ''
                  ? { claim: usernameClaim, prefixPolicy: 'NoPrefix' }
                  : {
                      claim: usernameClaim,
                      prefixPolicy: 'Prefix',
                      prefix: { prefixString: prefix },
                    },
              ...(groupsClaim !== null && {
                groups: { claim: groupsClaim, prefix: groupsPrefix ?? '' },
              }),
            },
          },
        ],
      },
    }),
    notes: [
      'OAuth: people sign in to OpenShift’s own sign-in by this provider, and get a token of OpenShift’s. Its API server does not take the provider’s tokens: kubectl’s plugin, passthrough and exchange do not work by it. It needs a client secret in openshift-config/oidc-client-secret, and the redirect URI https://oauth-openshift.apps.<cluster>/oauth2callback/oidc.',
      'Authentication of type OIDC: the API server takes the provider’s tokens, as the plugin, passthrough and exchange need. It replaces OpenShift’s own sign-in: keep the administrator’s kubeconfig at hand.',
    ],
  }
}
