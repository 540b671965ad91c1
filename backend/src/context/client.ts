/** Where a request comes from and what it was sent to, as far as that can be believed. */
export type Client = {
  ip: string | null
  host: string | undefined
  /** What the browser spoke, where a trusted proxy says so. */
  protocol: 'http' | 'https' | null
}
