import type { Timing } from '#kube'

/** Instances may share one, and each has its own policy of it. */
type Address = { instance: string; origin: string }

/** Which addresses of models could not be reached lately. */
export type Faults = {
  note(at: Address, sentence: string): void
  clear(at: Address): void
  /** Continues the sentence "the address …"; null where it may be tried. */
  of(at: Address): string | null
  /** Of one instance: each address with its sentence. */
  list(instance: string): [origin: string, sentence: string][]
}

/** For so long calls go another way after one could not be sent. */
export const restSeconds = 30
const addressesMax = 10_000

export function createFaults({ now }: Pick<Timing, 'now'>): Faults {
  const faults = new Map<string, Address & { sentence: string; until: number }>()
  return {
    note: ({ instance, origin }, sentence) => {
      if (faults.size >= addressesMax) faults.clear()
      const until = now() + restSeconds * 1000
      faults.set(keyOf({ instance, origin }), { instance, origin, sentence, until })
    },
    clear: (at) => void faults.delete(keyOf(at)),
    of: (at) => {
      const fault = faults.get(keyOf(at))
      return fault && fault.until > now() ? fault.sentence : null
    },
    list: (instance) =>
      [...faults.values()]
        .filter((fault) => fault.instance === instance && fault.until > now())
        .map(({ origin, sentence }) => [origin, sentence]),
  }
}

function keyOf({ instance, origin }: Address): string {
  return `${instance} ${origin}`
}
