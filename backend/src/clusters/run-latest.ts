/**
 * Runs `act` for a key, one at a time each. Who asks while it runs gets the run after it, together with all who ask
 * meanwhile: what it then finds is newer than anybody's question.
 */
export function runLatest(act: (key: string) => Promise<void>): (key: string) => Promise<void> {
  type Running = { run: Promise<void>; next: Promise<void> | null }
  const running = new Map<string, Running>()
  const start = (key: string): Promise<void> => {
    const entry: Running = { run: Promise.resolve(), next: null }
    entry.run = act(key).finally(() => {
      if (running.get(key) === entry) running.delete(key)
    })
    running.set(key, entry)
    return entry.run
  }
  return (key) => {
    const entry = running.get(key)
    if (!entry) return start(key)
    entry.next ??= entry.run.then(
      () => start(key),
      () => start(key),
    )
    return entry.next
  }
}
