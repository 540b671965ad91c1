import type { Written } from './made-log.ts'

/** What pods wrote: what is put here, else what a model server would write. */
export type PodLogs = {
  /** From now on this pod's log is what is written here, byte by byte. */
  write(pod: { namespace: string; name: string }, bytes: string | Uint8Array): void
  of(key: string): readonly Written[] | null
}

const writtenMax = 100_000

export function createPodLogs(): PodLogs {
  const written = new Map<string, Written[]>()
  return {
    write: ({ name, namespace }, bytes) => {
      const key = `${namespace}/${name}`
      const known = written.get(key) ?? []
      known.push({ at: Date.now(), bytes: Buffer.from(bytes as Uint8Array) })
      if (known.length > writtenMax) known.shift()
      written.set(key, known)
    },
    of: (key) => written.get(key) ?? null,
  }
}
