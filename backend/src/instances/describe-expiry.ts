const dayMs = 86_400_000
const warnDays = 14

/** A sentence for administrators about a client certificate that ends soon or has ended; null while there is time. */
export function describeExpiry(expiresAt: Date | null, now: Date): string | null {
  if (expiresAt === null) return null
  const leftMs = expiresAt.getTime() - now.getTime()
  const on = expiresAt.toISOString().slice(0, 10)
  if (leftMs <= 0) return `Its client certificate ended on ${on}. Replace the credential.`
  const days = Math.floor(leftMs / dayMs)
  if (days >= warnDays) return null
  const left = days === 0 ? 'in less than a day' : days === 1 ? 'in 1 day' : `in ${days} days`
  return `Its client certificate ends ${left}, on ${on}. Replace the credential before then.`
}
