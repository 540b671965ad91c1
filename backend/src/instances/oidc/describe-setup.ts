import type { OidcProfile, OidcSetup } from '@hub/shared'
import { stringify } from 'yaml'
import { usernamePrefixOf } from './predict-name.ts'
import { scopesOf } from './write-kubeconfig.ts'

/** What the identity provider and the API server have to be told, for a profile. */
export function describeSetup(profile: OidcProfile): OidcSetup {
  const { clientId, groupsClaim, groupsPrefix, issuer, usernameClaim, usernamePrefix } = profile
  return {
    redirectUris: ['http://localhost:8000', 'http://localhost:18000'],
    scopes: ['openid', ...scopesOf(profile)],
    notes: notesOf(profile),
    flags: [
      `--oidc-issuer-url=${issuer}`,
      `--oidc-client-id=${clientId}`,
      `--oidc-username-claim=${usernameClaim}`,
      ...(usernamePrefix === null ? [] : [`--oidc-username-prefix=${usernamePrefix}`]),
      ...(groupsClaim === null ? [] : [`--oidc-groups-claim=${groupsClaim}`]),
      ...(groupsPrefix === null ? [] : [`--oidc-groups-prefix=${groupsPrefix}`]),
    ],
    authenticationConfiguration: stringify({
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'AuthenticationConfiguration',
      jwt: [
        {
          issuer: { url: issuer, audiences: [clientId], audienceMatchPolicy: 'MatchAny' },
          claimMappings: {
            username: { claim: usernameClaim, prefix: usernamePrefixOf(profile) },
            ...(groupsClaim !== null && {
              groups: { claim: groupsClaim, prefix: groupsPrefix ?? '' },
            }),
          },
          userValidationRules: [
            {
              expression: "!user.username.startsWith('system:')",
              message: 'names that begin with system: are Kubernetes’ own',
            },
          ],
        },
      ],
    }),
  }
}

/** What is particular about a provider, or about a claim. */
function notesOf({ issuer, needsSecret, usernameClaim }: OidcProfile): string[] {
  const { hostname, pathname } = new URL(issuer)
  const notes: string[] = []
  if (hostname.endsWith('.auth0.com') && !issuer.endsWith('/')) {
    notes.push('Auth0: the issuer ends with a slash; without it the discovery fails.')
  }
  if (/\.okta(preview)?\.com$/.test(hostname) && pathname === '/') {
    notes.push(
      'Okta: the issuer has the path of an authorization server, such as /oauth2/default; the bare domain is answered with invalid_client.',
    )
  }
  if (hostname === 'accounts.google.com' && !needsSecret) {
    notes.push('Google wants a client secret even with PKCE: say that the profile needs one.')
  }
  if (usernameClaim === 'email') {
    notes.push(
      'email: the API server refuses whoever has email_verified false, with 401. Its names have no prefix.',
    )
  }
  return notes
}
