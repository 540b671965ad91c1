import { isHttp } from './is-http.ts'
import { readList } from './read-list.ts'

/** The origins of HTTP proxies; adds to `mistakes` what is none. */
export function readClusterProxies(value: string | undefined, mistakes: string[]): Set<string> {
  const example = 'such as http://egress.corp:3128'
  if (value?.includes('@')) {
    mistakes.push(
      `HUB_ALLOW_CLUSTER_PROXIES lists a proxy with a user name or password; write only origins, ${example}, and the rest into the kubeconfig.`,
    )
    return new Set()
  }
  const origins = new Set<string>()
  for (const entry of readList(value)) {
    const url = URL.canParse(entry) ? new URL(entry) : null
    if (url && isHttp(url) && url.href === `${url.origin}/`) origins.add(url.origin)
    else {
      const fault = /^socks/i.test(entry)
        ? 'SOCKS proxies are not supported'
        : 'it is not an origin'
      mistakes.push(
        `HUB_ALLOW_CLUSTER_PROXIES lists "${entry}", but ${fault}; write an HTTP proxy's, ${example}.`,
      )
    }
  }
  return origins
}
