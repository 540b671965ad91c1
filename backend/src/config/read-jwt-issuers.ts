/** An issuer whose access tokens the API takes (`JWT_ISSUERS`). */
export type JwtIssuerConfig = {
  /** Exactly as `iss` and the discovery document spell it. */
  issuer: string
  /** One of them is in `aud`. */
  audiences: readonly string[]
  /** The issuer marks its access tokens `typ: at+jwt` (RFC 9068), and nothing else is one. */
  requiresAccessTokenType: boolean
}

const example = 'JWT_ISSUERS=https://id.example.com/realms/ai;hub'

/** `<issuer>;<audience>` or `<issuer>;<audience>;at+jwt`, comma-separated; an issuer may come twice, for two audiences. */
export function readJwtIssuers(
  value: string | undefined,
  production: boolean,
  mistakes: string[],
): JwtIssuerConfig[] {
  const issuers = new Map<string, JwtIssuerConfig>()
  for (const entry of (value ?? '').split(',').map((part) => part.trim())) {
    if (entry === '') continue
    const [issuer = '', audience = '', type, ...more] = entry.split(';').map((part) => part.trim())
    if (audience === '' || more.length > 0 || (type !== undefined && type !== 'at+jwt')) {
      mistakes.push(
        `JWT_ISSUERS has the entry "${entry}"; write <issuer>;<audience>, such as ${example}, and ";at+jwt" after it where all access tokens have that type.`,
      )
      continue
    }
    const fault = describeFault(issuer, production)
    if (fault !== null) {
      mistakes.push(`JWT_ISSUERS names the issuer "${issuer}", ${fault}.`)
      continue
    }
    const known = issuers.get(issuer)
    issuers.set(issuer, {
      issuer,
      audiences: [...(known?.audiences ?? []), audience],
      requiresAccessTokenType: type !== undefined || known?.requiresAccessTokenType === true,
    })
  }
  return [...issuers.values()]
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
