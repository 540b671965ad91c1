import type { Timing } from '#kube'

/** Which addresses of models could not be reached lately. */
export type Faults = {
  note(origin: string, fault: { instance: string; sentence: string }): void
  clear(origin: string): void
  /** Continues the sentence "the address …"; null where it may be tried. */
  of(origin: string): string | null
  /** Of one instance: each address with its sentence. */
  list(instance: string): [origin: string, sentence: string][]
}

/** For so long calls go another way after one could not be sent. */
export const restSeconds = 30
const addressesMax = 10_000

export function createFaults({ now }: Pick<Timing, 'now'>): Faults {
  const faults = new Map<string, { instance: string; sentence: string; until: number }>()
  return {
    note: (origin, fault) => {
      if (faults.size >= addressesMax) faults.clear()
      faults.set(origin, { ...fault, until: now() + restSeconds * 1000 })
    },
    clear: (origin) => void faults.delete(origin),
    of: (origin) => {
      const fault = faults.get(origin)
      return fault && fault.until > now() ? fault.sentence : null
    },
    list: (instance) =>
      [...faults]
        .filter(([, fault]) => fault.instance === instance && fault.until > now())
        .map(([origin, { sentence }]) => [origin, sentence]),
  }
}
