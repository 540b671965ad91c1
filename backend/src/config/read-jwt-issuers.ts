import { hidePasswordsOf } from './hide-password.ts'
import { describeHttpLeave, type HttpIssuers } from './http-issuers.ts'
import { readList } from './read-list.ts'

/** An issuer whose access tokens the API takes (`JWT_ISSUERS`). */
export type JwtIssuerConfig = {
  /** Exactly as `iss` and the discovery document spell it. */
  issuer: string
  /** One of them is in `aud`. */
  audiences: readonly string[]
  /**
   * How one of its access tokens is known from its other tokens: by any sign that there is, by `typ: at+jwt` (RFC 9068)
   * alone, or by nothing, because the issuer gives no other tokens.
   */
  accessTokenSign: AccessTokenSign
}

export type AccessTokenSign = 'required' | 'at+jwt' | 'any'

const example = 'JWT_ISSUERS=https://id.example.com/realms/ai;hub'

/**
 * `<issuer>;<audience>`, with `;at+jwt` or `;any` after it, comma-separated; an issuer may come twice, for two audiences.
 */
export function readJwtIssuers(
  value: string,
  httpIssuers: HttpIssuers,
  mistakes: string[],
): JwtIssuerConfig[] {
  const issuers = new Map<string, JwtIssuerConfig>()
  const show = hidePasswordsOf(value)
  for (const entry of readList(value)) {
    const [issuer = '', audience = '', type, ...more] = entry.split(';').map((part) => part.trim())
    const sign = readSign(type)
    if (audience === '' || more.length > 0 || sign === null) {
      mistakes.push(
        `JWT_ISSUERS has the entry "${show(entry)}"; write <issuer>;<audience>, such as ${example}, with ";at+jwt" after it where all access tokens have that type, or ";any" where the issuer marks none and gives no other tokens.`,
      )
      continue
    }
    const known = issuers.get(issuer)
    const fault = known ? null : httpIssuers.findFault('JWT_ISSUERS', issuer)
    if (fault !== null) {
      const reason =
        fault === 'address'
          ? `is not a URL without a query; write it as ${example}`
          : `does not use https; ${describeHttpLeave(issuer)}`
      mistakes.push(`JWT_ISSUERS names the issuer "${show(issuer)}", which ${reason}.`)
      continue
    }
    if (known && (known.accessTokenSign === 'any') !== (sign === 'any')) {
      mistakes.push(
        `JWT_ISSUERS names the issuer "${issuer}" with ";any" and without; write the same for all its audiences.`,
      )
      continue
    }
    issuers.set(issuer, {
      issuer,
      audiences: [...(known?.audiences ?? []), audience],
      accessTokenSign: sign === 'required' ? (known?.accessTokenSign ?? sign) : sign,
    })
  }
  return [...issuers.values()]
}

function readSign(text: string | undefined): AccessTokenSign | null {
  if (text === undefined) return 'required'
  return text === 'at+jwt' || text === 'any' ? text : null
}
