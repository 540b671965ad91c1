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
  value: string | undefined,
  production: boolean,
  mistakes: string[],
): JwtIssuerConfig[] {
  const issuers = new Map<string, JwtIssuerConfig>()
  for (const entry of (value ?? '').split(',').map((part) => part.trim())) {
    if (entry === '') continue
    const [issuer = '', audience = '', type, ...more] = entry.split(';').map((part) => part.trim())
    const sign = readSign(type)
    if (audience === '' || more.length > 0 || sign === null) {
      mistakes.push(
        `JWT_ISSUERS has the entry "${entry}"; write <issuer>;<audience>, such as ${example}, with ";at+jwt" after it where all access tokens have that type, or ";any" where the issuer marks none and gives no other tokens.`,
      )
      continue
    }
    const fault = describeFault(issuer, production)
    if (fault !== null) {
      mistakes.push(`JWT_ISSUERS names the issuer "${issuer}", ${fault}.`)
      continue
    }
    const known = issuers.get(issuer)
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

// OpenID Connect Discovery 1.0 §3: https, no query and no fragment; http only towards this machine in development.
function describeFault(issuer: string, production: boolean): string | null {
  const url = URL.canParse(issuer) ? new URL(issuer) : null
  if (!url || url.search !== '' || url.hash !== '' || url.username !== '') {
    return `which is no URL without query; write it as ${example}`
  }
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  if (url.protocol === 'https:') return null
  if (url.protocol === 'http:' && isLoopback && !production) return null
  return 'which does not use https; http is accepted only towards this machine and outside production'
}
