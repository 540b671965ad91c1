/** A stream that is not open by then is not waited for. */
const patienceMs = 400

let waiting: Promise<void> | null = null
let letGo = () => {}

/**
 * From now on what a page reads first waits for the stream, for a moment: what is read after the stream began is told of
 * every later change, and need not be read twice.
 */
export function holdFirstReads(): void {
  waiting = new Promise((resolve) => {
    letGo = resolve
  })
  setTimeout(release, patienceMs)
}

/** The stream is open. False where something may have been read before it was. */
export function releaseFirstReads(): boolean {
  const isInTime = waiting !== null
  release()
  return isInTime
}

/** Resolves when a request may be sent; who somebody is, is asked at once, and nothing is held that changes something. */
export async function mayRead(address: string, method: string | undefined): Promise<void> {
  if (waiting === null || method?.toUpperCase() !== 'GET' || address.endsWith('/auth/me')) return
  await waiting
}

function release(): void {
  waiting = null
  letGo()
}
