import postgres from 'postgres'

const retryMs = 1_000

/**
 * Hears notices on a connection of its own, which is opened again as often as it is lost. (The driver's own `listen`
 * gives up when the first attempt to come back fails.) Returns what ends it.
 */
export function keepListening(
  url: string,
  options: Parameters<typeof postgres>[1],
  { channel, onNotice }: { channel: string; onNotice: () => void },
): () => Promise<void> {
  let closed = false
  let retry: NodeJS.Timeout | null = null
  const listenAgain = () => {
    if (closed) return
    retry ??= setTimeout(() => {
      retry = null
      void listen()
    }, retryMs)
  }
  const withNotices = {
    ...options,
    max: 1,
    max_lifetime: null,
    fetch_types: false,
    onclose: listenAgain,
    // As the driver's `listen` has them; its types leave it out.
    onnotify: onNotice,
  }
  const client = postgres(url, withNotices)
  const listen = async () => {
    try {
      await client`LISTEN ${client(channel)}`
      // Whatever was announced while nobody listened.
      onNotice()
    } catch {
      listenAgain()
    }
  }
  const listening = listen()
  return async () => {
    closed = true
    if (retry) clearTimeout(retry)
    await listening
    await client.end({ timeout: 5 })
  }
}
