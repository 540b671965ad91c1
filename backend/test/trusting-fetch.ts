import { Agent, fetch as fetchByUndici } from 'undici'

/** A fetch that trusts one authority instead of the machine's; plain http is as ever. */
export function createTrustingFetch(authority: string): {
  fetch: typeof fetch
  close: () => Promise<void>
} {
  const dispatcher = new Agent({ connect: { ca: authority } })
  return {
    fetch: ((url: string, init: object) =>
      fetchByUndici(url, { ...init, dispatcher })) as unknown as typeof fetch,
    close: () => dispatcher.close(),
  }
}
