import type { MapCell, MapRun } from './map-cells.ts'
import type { MapLayout } from './lay-out-map.ts'

/** All that a map has of one colour: cells that are filled, or lines a pixel wide. */
export interface MapShape {
  color: string
  isLine: boolean
  /** As SVG writes it. */
  path: string
}

/**
 * Draws every GPU: filled is in use, empty is free, and a stroke across says why it is neither. A shape a colour, so that
 * ten thousand cells are a dozen elements, which the browser paints beside the page's own thread.
 */
export function drawMap(layout: MapLayout, colorOf: ReadonlyMap<string, number>): MapShape[] {
  const shapes = new Map<string, MapShape>()
  const draw = (color: string, isLine: boolean, path: string) => {
    const shape = shapes.get(color)
    if (shape) shape.path += path
    else shapes.set(color, { color, isLine, path })
  }
  const { cell: size, gap } = layout.sizes
  const next = `m${size + gap} 0`
  const square = (side: number) => `h${side}v${side}h-${side}z${next}`
  const [filled, empty] = [square(size), square(size - 1)] as const
  for (const { runs, columns, x, y } of layout.nodes) {
    for (const { cell, column, row, length } of breakRows(runs, columns)) {
      const left = x + column * (size + gap)
      const top = y + row * (size + gap)
      if (cell.kind === 'held' || cell.kind === 'others') {
        draw(colorOfCell(cell, colorOf), false, `M${left} ${top}${filled.repeat(length)}`)
        continue
      }
      draw('var(--hub-map-line)', true, `M${left + 0.5} ${top + 0.5}${empty.repeat(length)}`)
      const strike = strikeOut(cell, size)
      if (strike === '') continue
      draw('var(--hub-tone-neutral)', true, `M${left} ${top}${`${strike}${next}`.repeat(length)}`)
    }
  }
  return [...shapes.values()]
}

/** The runs of a block, each ended where its row ends. */
function* breakRows(runs: readonly MapRun[], columns: number) {
  let at = 0
  for (const { cell, length } of runs) {
    for (const end = at + length; at < end;) {
      const column = at % columns
      const here = Math.min(end - at, columns - column)
      yield { cell, column, row: Math.floor(at / columns), length: here }
      at += here
    }
  }
}

function colorOfCell(cell: MapCell, colorOf: ReadonlyMap<string, number>): string {
  if (cell.kind !== 'held') return 'var(--hub-holder-others)'
  return `var(--hub-holder-${colorOf.get(cell.holder.namespace) ?? 0})`
}

/** Across a cell, from its corner and back to it. */
function strikeOut({ kind }: MapCell, size: number): string {
  const [across, middle, end] = [size - 2, size / 2, size - 1]
  switch (kind) {
    case 'reserved':
      return `m1 ${end}l${across}-${across}m-${end}-1`
    case 'unavailable':
      return `m1 ${end}l${across}-${across}m-${across} 0l${across} ${across}m-${end}-${end}`
    case 'unknown':
      return `m${middle - 1} ${middle}h2m-${middle + 1}-${middle}`
    default:
      return ''
  }
}
