import { BlockList, isIP } from 'node:net'
import { hidePassword, hidePasswordsOf } from './hide-password.ts'
import { isHttp } from './is-http.ts'
import { isLoopbackHost } from './loopback.ts'
import { parsePlainUrl } from './plain-url.ts'
import { readList } from './read-list.ts'
import type { Reading } from './variable.ts'

/** The hub's own origin. */
export function parseOrigin(text: string, { mistakes, name }: Reading): string | null {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !isHttp(url) || url.username !== '' || url.password !== '') {
    mistakes.push(
      `${name} must be the hub's address, such as https://hub.example.com, not "${hidePassword(text)}".`,
    )
    return null
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    mistakes.push(`${name} must have no path or query: write ${url.origin}.`)
  }
  return url.origin
}

export function parseTrustedProxies(text: string, { mistakes, name }: Reading): BlockList {
  const trusted = new BlockList()
  const show = hidePasswordsOf(text)
  for (const entry of readList(text)) {
    const [address = '', prefix, ...rest] = entry.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    const bitsMax = family === 'ipv6' ? 128 : 32
    const bits = prefix === undefined ? bitsMax : /^[0-9]{1,3}$/.test(prefix) ? Number(prefix) : -1
    // A prefix of 0 would let everybody say where they come from.
    if (isIP(address) === 0 || rest.length > 0 || bits < 1 || bits > bitsMax) {
      mistakes.push(
        `${name} lists "${show(entry)}"; write addresses or networks of your own proxies, such as 10.0.0.0/8 or 127.0.0.1.`,
      )
    } else trusted.addSubnet(address, bits, family)
  }
  return trusted
}

export function parseCorsOrigins(text: string, { mistakes, name }: Reading): Set<string> {
  const origins = new Set<string>()
  const show = hidePasswordsOf(text)
  for (const entry of readList(text)) {
    const url = URL.canParse(entry) ? new URL(entry) : null
    if (url && isHttp(url) && url.href === `${url.origin}/`) {
      origins.add(url.origin)
    } else {
      mistakes.push(
        `${name} lists "${show(entry)}"; write origins in full, such as https://console.example.com. Wildcards ("*") are not supported.`,
      )
    }
  }
  return origins
}

/** Where a provider's endpoints are: no path is lost, and there is no slash at its end. */
export function parseEndpoint(example: string) {
  return (text: string, reading: Reading): string => {
    const url = parsePlainUrl(text)
    if (!url) {
      reading.mistakes.push(
        `${reading.name} must be a URL such as ${example}, not "${hidePassword(text)}".`,
      )
      return example
    }
    refusePlainHttp(url, reading)
    return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
  }
}

function refusePlainHttp(url: URL, { mistakes, mode, name }: Reading): void {
  if (url.protocol === 'https:') return
  if (url.protocol === 'http:' && isLoopbackHost(url.hostname) && !mode.production) return
  mistakes.push(
    `${name} must use https; http is accepted only towards this machine and outside production.`,
  )
}
