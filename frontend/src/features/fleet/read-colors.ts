import { holderColors } from './holder-colors.ts'
import type { MapColors } from './draw-map.ts'

const known = new Map<string, MapColors>()

/** The colours of a scheme as the theme has them, which is on when this is asked. */
export function readColors(scheme: string): MapColors {
  const found = known.get(scheme)
  if (found) return found
  const style = getComputedStyle(document.documentElement)
  const read = (name: string) => style.getPropertyValue(name).trim()
  const colors: MapColors = {
    holders: Array.from({ length: holderColors }, (_, at) => read(`--hub-holder-${at}`)),
    others: read('--hub-holder-others'),
    line: read('--hub-map-line'),
    ink: read('--hub-tone-neutral'),
  }
  known.set(scheme, colors)
  return colors
}
