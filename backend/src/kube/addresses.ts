import { BlockList, isIP } from 'node:net'
import type { HostRules } from './host-rules.ts'

/** `only`: nowhere but there, whatever else is allowed. */
export type AddressPolicy = { allowLoopback: boolean; only?: HostRules }

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
// Linux connects 0.0.0.0 and :: to the machine itself.
loopback.addSubnet('0.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')
loopback.addAddress('::', 'ipv6')

const linkLocal = new BlockList()
linkLocal.addSubnet('169.254.0.0', 16, 'ipv4')
linkLocal.addSubnet('fe80::', 10, 'ipv6')

// AWS and GCP on IPv6, Azure's platform address, Oracle and Alibaba Cloud; 169.254.169.254 is link-local.
const metadata = new BlockList()
metadata.addAddress('fd00:ec2::254', 'ipv6')
metadata.addAddress('fd20:ce::254', 'ipv6')
metadata.addAddress('168.63.129.16', 'ipv4')
metadata.addAddress('192.0.0.192', 'ipv4')
metadata.addAddress('100.100.100.200', 'ipv4')

const multicast = new BlockList()
multicast.addSubnet('224.0.0.0', 4, 'ipv4')
multicast.addAddress('255.255.255.255', 'ipv4')
multicast.addSubnet('ff00::', 8, 'ipv6')

/** Why the hub does not connect to this IP address ("a loopback address"), or null where it may. */
export function describeBlockedAddress(address: string, policy: AddressPolicy): string | null {
  for (const candidate of [address, ...embeddedIpv4(address)]) {
    const family = isIP(candidate) === 6 ? 'ipv6' : 'ipv4'
    if (linkLocal.check(candidate, family)) return 'a link-local address'
    if (metadata.check(candidate, family)) return 'the address of a cloud metadata service'
    if (multicast.check(candidate, family)) return 'a multicast address'
    if (!policy.allowLoopback && loopback.check(candidate, family)) return 'a loopback address'
  }
  return null
}

/** As above, for a host name that says so by itself (RFC 6761 §6.3); other names are judged when they are resolved. */
function describeBlockedName(name: string, policy: AddressPolicy): string | null {
  const plain = name.toLowerCase().replace(/\.$/, '')
  if (plain === 'metadata.google.internal') return 'the address of a cloud metadata service'
  if (policy.allowLoopback) return null
  return plain === 'localhost' || plain.endsWith('.localhost') ? 'a loopback address' : null
}

/** As above, for whatever a URL names. */
export function describeBlockedHost(
  url: { hostname: string },
  policy: AddressPolicy,
): string | null {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return isIP(host) === 0
    ? describeBlockedName(host, policy)
    : describeBlockedTarget(host, host, policy)
}

/** As above, for an address that a host resolved to; a host that is an address is its own. */
export function describeBlockedTarget(
  host: string,
  address: string,
  policy: AddressPolicy,
): string | null {
  const blocked = describeBlockedAddress(address, policy)
  if (blocked !== null || !policy.only || policy.only.allow(host, address)) return blocked
  return 'an address that it may not lead to'
}

/** The IPv4 addresses that an IPv6 one may stand for: mapped, compatible, NAT64 (RFC 6052) and 6to4 (RFC 3056). */
function embeddedIpv4(address: string): string[] {
  if (isIP(address) !== 6) return []
  const groups = ipv6Groups(address)
  const [a, b] = groups
  const low = toIpv4(groups[6]!, groups[7]!)
  // As one of these, `::1` stands for 0.0.0.1, which is loopback as well.
  if (groups.slice(0, 5).every((group) => group === 0) && [0, 0xffff].includes(groups[5]!)) {
    return [low]
  }
  if (a === 0x64 && b === 0xff9b) return [low]
  if (a === 0x2002) return [toIpv4(groups[1]!, groups[2]!)]
  return []
}

function toIpv4(high: number, low: number): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.')
}

function ipv6Groups(address: string): number[] {
  const plain = address.replace(/%.*$/, '')
  // The URL parser writes any IPv6 address in its canonical, all-hexadecimal form.
  const canonical = new URL(`http://[${plain}]`).hostname.slice(1, -1)
  const [head = '', tail] = canonical.split('::')
  const parse = (part: string) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  const left = parse(head)
  const right = tail === undefined ? [] : parse(tail)
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right]
}
