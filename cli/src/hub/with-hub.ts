import type { Values } from '../flags/flag.ts'
import type { HubSignIn } from './hub-sign-in.ts'

/** The flags as they would be with what the hub said written out; what was given beside it stays. */
export function withHub(values: Values, signIn: HubSignIn): Values {
  const pkce = values.text('oidc-pkce-method')
  const texts: Record<string, string | null> = {
    'oidc-issuer-url': signIn.issuer,
    'oidc-client-id': signIn.clientId,
    // By name: a client that needs no secret must not be sent one that is meant for another.
    'oidc-pkce-method': pkce === 'auto' && !signIn.needsSecret ? 'S256' : pkce,
  }
  return {
    ...values,
    text: (name) => (Object.hasOwn(texts, name) ? texts[name]! : values.text(name)),
    list: (name) =>
      name === 'oidc-extra-scope' ? [...signIn.scopes, ...values.list(name)] : values.list(name),
  }
}
