/** Decides of a pair of an instance and a namespace: a number from 1 to 255. */
type Decide = (instance: string, namespace: string) => number

/** As `decide`, but each place is decided once. `onKept` is told how many bytes what was decided takes, when these are more. */
export type RememberPlaces = (decide: Decide, onKept: (bytes: number) => void) => Decide

/**
 * Keeps a byte for each place and each of those who decide: with hundreds of kinds of rights and thousands of places, an
 * object each would be most of what the hub has in memory. Places have numbers for that, which all share. Clusters may
 * have any number of namespaces: when there are more than `placesMax`, what was decided is forgotten.
 */
export function createPlaceMemory(placesMax: number): RememberPlaces {
  const byInstance = new Map<string, Map<string, number>>()
  let size = 0
  let era = 0
  // Lists ask for all namespaces of one instance before those of the next.
  let latest: string | null = null
  let onLatest = new Map<string, number>()
  const numbersOn = (instance: string) => {
    if (instance === latest) return onLatest
    latest = instance
    const known = byInstance.get(instance)
    onLatest = known ?? new Map<string, number>()
    if (!known) byInstance.set(instance, onLatest)
    return onLatest
  }
  const numberOf = (instance: string, namespace: string) => {
    const known = numbersOn(instance).get(namespace)
    if (known !== undefined) return known
    if (size >= placesMax) {
      byInstance.clear()
      latest = null
      size = 0
      era += 1
    }
    numbersOn(instance).set(namespace, size)
    return size++
  }

  return (decide, onKept) => {
    let decided = new Uint8Array(0)
    let decidedIn = era
    const keep = (place: number, value: number) => {
      if (place >= decided.length) {
        const longer = new Uint8Array(2 ** Math.ceil(Math.log2(place + 1)))
        longer.set(decided)
        decided = longer
        onKept(longer.length)
      }
      decided[place] = value
      return value
    }
    return (instance, namespace) => {
      const place = numberOf(instance, namespace)
      if (decidedIn !== era) {
        decided.fill(0)
        decidedIn = era
      }
      return decided[place] || keep(place, decide(instance, namespace))
    }
  }
}
