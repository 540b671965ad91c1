/** The portal's policy: own scripts, those within the page by their hashes, own styles by nonce, nothing else (docs/adr/0002). */
export function contentSecurityPolicy(nonce: string, scriptHashes: readonly string[]): string {
  return [
    "default-src 'none'",
    ["script-src 'self'", ...scriptHashes.map((hash) => `'${hash}'`)].join(' '),
    "worker-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "connect-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** A worker obeys the policy of its own file, not its page's: it may ask this hub, and load nothing. */
export const assetPolicy = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'"

/** The API's own page: its files, which draw their icons from `data:` in their styles, and this hub's answers. */
export const docsPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** What is no page loads nothing. */
export const apiPolicy = "default-src 'none'; frame-ancestors 'none'"
