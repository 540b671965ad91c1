/** Nobody takes longer to read what a page begins with, or it is read again. */
const keptMs = 10_000

/** What happened of late, for whoever comes late. */
export function createRecent<Event>(now: () => number) {
  let kept: { at: number; event: Event }[] = []
  /** Since when `kept` is all there was. */
  let since = now()
  return {
    keep: (event: Event) => {
      const at = now()
      kept.push({ at, event })
      while (kept[0]!.at < at - keptMs) since = kept.shift()!.at
    },
    /** Something may be missing until now. */
    beginAnew: () => {
      kept = []
      since = now()
    },
    /** All of the last so many milliseconds; null where that is not known. */
    ofLast: (ms: number): Event[] | null => {
      const from = now() - ms
      return since > from ? null : kept.filter(({ at }) => at >= from).map(({ event }) => event)
    },
  }
}
