import { BlockList, isIP } from 'node:net'

/** Where a connection may lead. */
export type HostRules = {
  /** By the name that was asked for, or by the address that it came to. */
  allow(host: string, address: string): boolean
}

/** Of hosts, of all below one (`*.example.com`), of addresses and networks. */
export function createHostRules(rules: readonly string[]): HostRules {
  const names = new Set<string>()
  const suffixes: string[] = []
  const addresses = new BlockList()
  for (const rule of rules) {
    const [base = '', prefix] = rule.split('/')
    const version = isIP(base)
    if (version === 0 && rule.startsWith('*.')) suffixes.push(rule.slice(1))
    else if (version === 0) names.add(rule)
    else if (prefix === undefined) addresses.addAddress(base, familyOf(version))
    else addresses.addSubnet(base, Number(prefix), familyOf(version))
  }
  return {
    allow: (host, address) => {
      const name = host.toLowerCase().replace(/\.$/, '')
      if (isIP(name) === 0) {
        if (names.has(name) || suffixes.some((suffix) => name.endsWith(suffix))) return true
      }
      return addresses.check(address, familyOf(isIP(address)))
    },
  }
}

function familyOf(version: number): 'ipv4' | 'ipv6' {
  return version === 6 ? 'ipv6' : 'ipv4'
}
