import { hidePasswordsOf } from './hide-password.ts'
import { isHttp } from './is-http.ts'
import { isLoopbackHost } from './loopback.ts'
import { parsePlainUrl } from './plain-url.ts'
import { readList } from './read-list.ts'
import type { Mode, Report } from './variable.ts'

/** Which issuers may be reached by plain http, and what comes of it. */
export type HttpIssuers = {
  /** What is wrong with an issuer's address: it is none, or it uses plain http without leave. Null where it is good. */
  findFault(variable: string, issuer: string): 'address' | 'http' | null
  /** What was listed and is no issuer of any setting. */
  warnOfUnused(): void
}

/** Reads HUB_ALLOW_HTTP_ISSUERS. Outside production those on this machine need not be listed. */
export function readHttpIssuers(
  value: string,
  { mistakes, mode, warnings }: Report & { mode: Mode },
): HttpIssuers {
  const allowed = new Set(readList(value))
  const unused = new Set(allowed)
  const show = hidePasswordsOf(value)
  for (const issuer of allowed) {
    const url = URL.canParse(issuer) ? new URL(issuer) : null
    if (url?.protocol === 'http:') continue
    mistakes.push(
      url?.protocol === 'https:'
        ? `HUB_ALLOW_HTTP_ISSUERS lists "${show(issuer)}", which uses https and needs no permission; remove it.`
        : `HUB_ALLOW_HTTP_ISSUERS lists "${show(issuer)}"; write issuers as their own settings spell them, such as http://keycloak:8080/realms/ai.`,
    )
  }
  return {
    findFault(variable, issuer) {
      // OpenID Connect Discovery 1.0 §3: https, no query and no fragment.
      const url = parsePlainUrl(issuer)
      if (!url || !isHttp(url)) return 'address'
      if (url.protocol === 'https:') return null
      const isListed = allowed.has(issuer)
      unused.delete(issuer)
      if (!mode.production && isLoopbackHost(url.hostname)) return null
      if (!isListed) return 'http'
      warnings.push(
        `${variable} names ${issuer}, which is reached over plain http because HUB_ALLOW_HTTP_ISSUERS lists it: anybody in between can read secrets and sign in as anyone. Use https for more than a trial.`,
      )
      return null
    },
    warnOfUnused() {
      for (const issuer of unused) {
        warnings.push(
          `HUB_ALLOW_HTTP_ISSUERS lists ${show(issuer)}, which no setting names as an issuer; spell it as there, or take it out.`,
        )
      }
    },
  }
}

/** How to allow one, as the end of a sentence. */
export function describeHttpLeave(issuer: string): string {
  return `plain http lets anybody in between sign in as anyone; to allow this one by name anyway, set HUB_ALLOW_HTTP_ISSUERS=${issuer}`
}
