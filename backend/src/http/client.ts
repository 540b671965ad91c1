import { isIP, type BlockList } from 'node:net'
import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context } from 'hono'
import type { Client } from '#context'

/** More hops than any real chain of proxies has. */
const hopsMax = 20

/**
 * The peer of the socket, unless it is a trusted proxy: then the right-most address that is none, since anyone can
 * write what stands left of it. `X-Forwarded-Host` and `-Proto` count from a trusted peer alone.
 */
export function readClient(c: Context, trusted: BlockList): Client {
  const peer = readPeer(c)
  const host = c.req.header('host')
  if (peer === null || !isTrusted(trusted, peer)) return { ip: peer, host, protocol: null }
  const protocol = lastOf(c.req.header('x-forwarded-proto'))?.toLowerCase()
  return {
    ip: findClient(c.req.header('x-forwarded-for'), peer, trusted),
    host: lastOf(c.req.header('x-forwarded-host')) ?? host,
    protocol: protocol === 'http' || protocol === 'https' ? protocol : null,
  }
}

/** What counts requests of one place: an IPv4 address, or the /64 that one IPv6 customer has to himself. */
export function placeOf(ip: string | null): string {
  if (ip === null || isIP(ip) !== 6) return ip ?? ''
  const [head = '', tail] = ip.split('%')[0]!.split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const behind = tail === '' ? [] : tail.split(':')
    while (groups.length + behind.length < 8) groups.push('0')
    groups.push(...behind)
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, '').toLowerCase())
    .join(':')}::/64`
}

function findClient(header: string | undefined, peer: string, trusted: BlockList): string {
  let client = peer
  const hops = (header ?? '').split(',').slice(-hopsMax)
  for (const hop of hops.toReversed()) {
    const address = readAddress(hop)
    // Behind what is no address nothing can be believed either.
    if (address === null) break
    client = address
    if (!isTrusted(trusted, address)) break
  }
  return client
}

/** Some proxies add the port. */
function readAddress(hop: string): string | null {
  const text = hop.trim()
  const bare =
    /^\[([0-9a-f:.]+)\](?::[0-9]+)?$/i.exec(text)?.[1] ??
    /^([0-9.]+):[0-9]+$/.exec(text)?.[1] ??
    text
  return isIP(bare) === 0 ? null : plain(bare)
}

/** Null where no socket is behind the request any more. */
function readPeer(c: Context): string | null {
  try {
    const { address } = getConnInfo(c).remote
    return address === undefined ? null : plain(address)
  } catch {
    return null
  }
}

/** A socket that listens on both families shows IPv4 peers as `::ffff:192.0.2.1`. */
function plain(address: string): string {
  return /^::ffff:([0-9.]+)$/i.exec(address)?.[1] ?? address
}

function isTrusted(trusted: BlockList, address: string): boolean {
  return trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

function lastOf(header: string | undefined): string | undefined {
  return header?.split(',').at(-1)?.trim() || undefined
}
