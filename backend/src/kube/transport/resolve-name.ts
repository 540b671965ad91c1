import { lookup, Resolver, type LookupAddress, type LookupAllOptions } from 'node:dns'
import { readFile } from 'node:fs/promises'
import type { Timing } from '../timing.ts'

/** All addresses of a name, as `dns.lookup` gives them. */
export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** After these the system may still know the name: search domains, mDNS, or a machine without a name server. */
const systemMayKnow = new Set(['ENOTFOUND', 'ENODATA', 'ECONNREFUSED'])
const hostsFileKeptMs = 10_000

/**
 * Asks name servers from the event loop. The system's resolver blocks one of the four threads that files use too for as
 * long as a dead name server is silent, so it is asked only for what name servers do not know and for names of the hosts
 * file.
 */
export function createResolve(
  timing: Pick<Timing, 'now'>,
  options: { hostsFile?: string; nameServers?: string[]; system?: Resolve } = {},
): Resolve {
  const { hostsFile = '/etc/hosts', system = lookup } = options
  const resolver = new Resolver({ timeout: 1_500, tries: 2 })
  if (options.nameServers) resolver.setServers(options.nameServers)
  let names: Promise<Set<string>> | null = null
  let readAt = 0

  const namesOfHostsFile = () => {
    if (!names || timing.now() - readAt >= hostsFileKeptMs) {
      readAt = timing.now()
      names = readFile(hostsFile, 'utf8').then(parseHosts, () => new Set<string>())
    }
    return names
  }

  const ask = (family: 4 | 6, hostname: string) =>
    new Promise<LookupAddress[] | NodeJS.ErrnoException>((answer) => {
      const done = (error: NodeJS.ErrnoException | null, found: string[]) =>
        answer(error ?? found.map((address) => ({ address, family })))
      if (family === 4) resolver.resolve4(hostname, done)
      else resolver.resolve6(hostname, done)
    })

  return (hostname, lookupOptions, callback) => {
    const { family } = lookupOptions
    const families =
      family === 4 || family === 'IPv4'
        ? [4 as const]
        : family === 6 || family === 'IPv6'
          ? [6 as const]
          : [4 as const, 6 as const]
    const run = async () => {
      const isLocal =
        !hostname.includes('.') || (await namesOfHostsFile()).has(hostname.toLowerCase())
      if (isLocal) return system(hostname, lookupOptions, callback)
      const answers = await Promise.all(families.map((each) => ask(each, hostname)))
      const found = answers.flatMap((answer) => (Array.isArray(answer) ? answer : []))
      if (found.length > 0) return callback(null, found)
      const errors = answers.filter((answer) => answer instanceof Error)
      const silent = errors.find(({ code }) => !systemMayKnow.has(code ?? ''))
      if (silent) return callback(asLookupError(silent, hostname), [])
      system(hostname, lookupOptions, callback)
    }
    void run()
  }
}

function parseHosts(text: string): Set<string> {
  return new Set(
    text
      .split('\n')
      .flatMap((line) => line.replace(/#.*/, '').trim().split(/\s+/).slice(1))
      .map((name) => name.toLowerCase()),
  )
}

/** Whatever a name server's silence is called, it means that the name cannot be resolved now. */
function asLookupError(cause: NodeJS.ErrnoException, hostname: string): NodeJS.ErrnoException {
  const error = new Error(`getaddrinfo EAI_AGAIN ${hostname}`, { cause })
  return Object.assign(error, { code: 'EAI_AGAIN', syscall: 'getaddrinfo', hostname })
}
