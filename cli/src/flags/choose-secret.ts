/**
 * The flag wins. The variable counts unless PKCE was asked for by name, which native clients without a secret do: some
 * providers refuse a secret from these. Google wants one even then.
 */
export function chooseSecret(from: {
  flag: string | null
  variable: string | undefined
  isForced: boolean
  issuer: string
  pkce: 'auto' | 'no' | 'S256'
}): string | null {
  if (from.flag) return from.flag
  const isUsed =
    from.isForced || from.pkce !== 'S256' || from.issuer === 'https://accounts.google.com'
  return isUsed && from.variable ? from.variable : null
}
