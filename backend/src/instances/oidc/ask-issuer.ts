import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { askProvider, type ProviderAnswer } from '#identity-providers'
import { describeBlockedAddress, describeBlockedHost, type AddressPolicy } from '#kube'

export type IssuerDeps = AddressPolicy & {
  fetch: typeof fetch
  /** The addresses of a name; none where this machine cannot say. */
  resolve?: (hostname: string) => Promise<string[]>
}

const privateAddresses = new BlockList()
privateAddresses.addSubnet('10.0.0.0', 8, 'ipv4')
privateAddresses.addSubnet('172.16.0.0', 12, 'ipv4')
privateAddresses.addSubnet('192.168.0.0', 16, 'ipv4')
privateAddresses.addSubnet('100.64.0.0', 10, 'ipv4')
privateAddresses.addSubnet('fc00::', 7, 'ipv6')

/** Where a URL leads from here: why the hub does not ask there, or null; and whether only a private network has it. */
export async function locate(
  url: URL,
  deps: IssuerDeps,
): Promise<{ blocked: string | null; isPrivate: boolean }> {
  const byName = describeBlockedHost(url, deps)
  if (byName !== null) return { blocked: byName, isPrivate: false }
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const addresses = isIP(host) === 0 ? await (deps.resolve ?? resolveName)(host) : [host]
  const blocked = addresses.map((each) => describeBlockedAddress(each, deps)).find(Boolean) ?? null
  const isPrivate = addresses.some((each) =>
    privateAddresses.check(each, isIP(each) === 6 ? 'ipv6' : 'ipv4'),
  )
  return { blocked, isPrivate }
}

/** Behind a proxy this machine may know no names; the request then says what is wrong. */
async function resolveName(hostname: string): Promise<string[]> {
  try {
    return (await lookup(hostname, { all: true })).map(({ address }) => address)
  } catch {
    return []
  }
}

/** One of an issuer's documents, or in words why there is none ("is larger than 1 MiB"). */
export async function askIssuer(
  url: string,
  deps: IssuerDeps,
): Promise<ProviderAnswer | { why: string }> {
  try {
    const answer = await askProvider(deps.fetch, { url, what: 'document' })
    if (answer.status !== 200) return { why: `is answered with ${answer.status}` }
    if (answer.body === null) return { why: 'is not JSON: something else answers there' }
    return answer
  } catch (error) {
    return { why: describeFailure(error) }
  }
}

function describeFailure(error: unknown): string {
  const said: string[] = []
  for (let each = error, depth = 0; each instanceof Error && depth < 6; depth += 1) {
    said.push(`${each.name} ${'code' in each ? String(each.code) : ''} ${each.message}`)
    each = each.cause
  }
  const all = said.join('\n')
  const [, words] = failures.find(([pattern]) => pattern.test(all)) ?? []
  return words ?? 'cannot be read from the hub'
}

const failures: readonly [RegExp, string][] = [
  [/redirect/i, 'leads elsewhere, where neither the hub nor kubectl’s plugin follows'],
  [/TimeoutError|UND_ERR_\w+_TIMEOUT/, 'is not answered within 5 s'],
  [/larger than/, 'is larger than 1 MiB'],
  [/ENOTFOUND|EAI_AGAIN/, 'is at a name that the hub cannot resolve'],
  [/ECONNREFUSED/, 'is at an address where nobody listens'],
  [/EHOSTUNREACH|ENETUNREACH/, 'is at an address that the hub cannot reach'],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME/,
    'has a certificate that the hub does not trust: add its authority to NODE_EXTRA_CA_CERTS here, and to the API server (--oidc-ca-file, or certificateAuthority)',
  ],
]
