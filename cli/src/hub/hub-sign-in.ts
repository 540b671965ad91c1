import { Failure } from '../failure.ts'
import { checkAddress } from '../flags/check-address.ts'

/** How to sign in to a cluster, as a hub says. */
export type HubSignIn = {
  issuer: string
  clientId: string
  /** Beside openid. */
  scopes: string[]
  needsSecret: boolean
  cluster: { server: string; ca: string | null; tlsServerName: string | null } | null
}

/** What a hub answered is somebody else's: each part is looked at before it is used. Throws `unreachable`. */
export function readHubSignIn(answer: unknown, hub: string): HubSignIn {
  const refuse = (what: string) =>
    new Failure('unreachable', `${hub} does not answer as a hub does: ${what}.`)
  const { clientId, cluster, issuer, needsSecret, scopes } = asRecord(answer)
  if (typeof issuer !== 'string' || issuer.length > 500) throw refuse('it names no issuer')
  try {
    checkAddress(issuer, 'The issuer')
  } catch (error) {
    throw refuse((error as Failure).message.replace(/\.$/, ''))
  }
  if (!isText(clientId, 500)) throw refuse('it names no client')
  if (!Array.isArray(scopes) || scopes.length > 40 || !scopes.every(isScope)) {
    throw refuse('its scopes are none')
  }
  if (typeof needsSecret !== 'boolean') throw refuse('it does not say whether a secret is needed')
  return { issuer, clientId, scopes, needsSecret, cluster: readCluster(cluster, refuse) }
}

function readCluster(given: unknown, refuse: (what: string) => Failure): HubSignIn['cluster'] {
  if (given === null) return null
  const { ca, server, tlsServerName } = asRecord(given)
  const isServer =
    isText(server, 500) && URL.canParse(server) && new URL(server).protocol === 'https:'
  if (!isServer) throw refuse('it names no https server of the cluster')
  const isAuthority = ca === null || (isText(ca, 200_000) && ca.includes('-----BEGIN CERTIFICATE'))
  if (!isAuthority || /PRIVATE KEY/.test(ca ?? '')) throw refuse('its authority is none')
  const isName = tlsServerName === null || isText(tlsServerName, 253)
  if (!isName) throw refuse('its server name is none')
  return { server, ca, tlsServerName }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

/** Without what a terminal or a header would obey; a PEM has lines. */
function isText(value: unknown, charactersMax: number): value is string {
  return (
    typeof value === 'string' &&
    value !== '' &&
    value.length <= charactersMax &&
    // oxlint-disable-next-line no-control-regex -- these are what it is about
    !/[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f]/.test(value)
  )
}

/** RFC 6749 §3.3 */
function isScope(value: unknown): value is string {
  return isText(value, 200) && /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(value)
}
