import type { MapCell } from './map-cells.ts'
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
  const [filled, empty] = [size, size - 1].map((side) => `h${side}v${side}h-${side}z${next}`)
  for (const { cells, columns, x, y } of layout.nodes) {
    for (let from = 0, to = 0; from < cells.length; from = to) {
      const cell = cells[from]!
      const rowEnd = Math.min(cells.length, from - (from % columns) + columns)
      do to += 1
      while (to < rowEnd && cells[to] === cell)
      const left = x + (from % columns) * (size + gap)
      const top = y + Math.floor(from / columns) * (size + gap)
      if (cell.kind === 'held' || cell.kind === 'others') {
        draw(colorOfCell(cell, colorOf), false, `M${left} ${top}${filled!.repeat(to - from)}`)
        continue
      }
      draw('var(--hub-map-line)', true, `M${left + 0.5} ${top + 0.5}${empty!.repeat(to - from)}`)
      const strike = strikeOut(cell, size)
      if (strike === '') continue
      draw(
        'var(--hub-tone-neutral)',
        true,
        `M${left} ${top}${`${strike}${next}`.repeat(to - from)}`,
      )
    }
  }
  return [...shapes.values()]
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
