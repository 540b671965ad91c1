/** A path of the portal as an absolute URL on its own origin; anything else leads to its start page (CWE-601). */
export function resolveReturnTo(returnTo: string | undefined, origin: string): string {
  const home = `${origin}/`
  if (returnTo === undefined || returnTo.length > 512) return home
  // Browsers read "\" as "/" and drop control characters, which turns "/\evil" and "/\t/evil" into another site.
  if (!/^\/[\u0021-\u005b\u005d-\u007e]*$/.test(returnTo) || returnTo.startsWith('//')) return home
  const url = URL.canParse(returnTo, origin) ? new URL(returnTo, origin) : null
  if (!url || url.origin !== origin || url.pathname.startsWith('/api/')) return home
  return url.href
}

/** The same as a path, for the sign-in page: it leads neither to itself nor to the API. */
export function safeReturnTo(returnTo: string | undefined): string {
  const origin = 'https://portal.invalid'
  const path = resolveReturnTo(returnTo, origin).slice(origin.length)
  // Without its dots, a path may begin like another host.
  return path.startsWith('/login') || path.startsWith('//') ? '/' : path
}
