/** How many colours there are for who holds GPUs: `--hub-holder-0` and on. */
export const holderColors = 10

/**
 * A colour for each namespace: by its name, and another one where that is taken, as long as there are any. The same names
 * have the same colours on every page and every day.
 */
export function chooseColors(namespaces: Iterable<string>): ReadonlyMap<string, number> {
  const taken = new Set<number>()
  const chosen = new Map<string, number>()
  for (const namespace of [...new Set(namespaces)].toSorted()) {
    let color = hash(namespace) % holderColors
    while (taken.has(color) && taken.size < holderColors) color = (color + 1) % holderColors
    taken.add(color)
    chosen.set(namespace, color)
  }
  return chosen
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  }
  return value >>> 0
}
