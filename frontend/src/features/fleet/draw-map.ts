import type { MapLayout } from './lay-out-map.ts'
import { listRuns, type MapCell } from './map-cells.ts'

/** All that a map has of one colour: lines as wide as a cell, which fill it, or a pixel wide. */
export interface MapShape {
  color: string
  width: number
  /** As SVG writes it. */
  path: string
}

/**
 * Draws every GPU: filled is in use, empty is free, and a stroke across says why it is neither. A shape a colour, so that
 * ten thousand cells are a dozen elements, which the browser paints beside the page's own thread.
 */
export function drawMap(layout: MapLayout, colorOf: ReadonlyMap<string, number>): MapShape[] {
  const { cell: size, gap } = layout.sizes
  const step = size + gap
  const brushes = createBrushes(size, step, colorOf)
  for (const { node, columns, x, y } of layout.nodes) {
    let [column, top] = [0, y]
    for (const { cell, length } of listRuns(node.pools)) {
      const own = brushes.of(cell)
      // A run ends where its row ends, and goes on in the next.
      for (let left = length; left > 0;) {
        const here = Math.min(left, columns - column)
        for (const { down, half, shape, strokes } of own) {
          const start = `M${x + column * step}${half} ${top + down}${half}`
          shape.path += start + (strokes[here] ??= strokes[1]!.repeat(here))
        }
        left -= here
        column += here
        if (column < columns) continue
        column = 0
        top += step
      }
    }
  }
  return brushes.shapes()
}

/**
 * What a cell is drawn with, from so far down in it; `half` is `.5` where a line has to meet a pixel. `strokes` are so many,
 * one beside the other.
 */
interface Brush {
  shape: MapShape
  down: number
  half: '' | '.5'
  strokes: string[]
}

/** Each kind of cell is made once: what is done for every run of ten thousand GPUs counts. */
function createBrushes(size: number, step: number, colorOf: ReadonlyMap<string, number>) {
  const shapes = new Map<string, MapShape>()
  const byKind = new Map<MapCell['kind'], readonly Brush[]>()
  const byNamespace = new Map<string, readonly Brush[]>()
  const make = (
    color: string,
    width: number,
    brush: { down: number; half: '' | '.5'; stroke: string },
  ): Brush => {
    const { down, half, stroke } = brush
    const shape = shapes.get(color) ?? { color, width, path: '' }
    shapes.set(color, shape)
    return { shape, down, half, strokes: ['', stroke] }
  }
  const makeOf = (cell: MapCell): Brush[] => {
    if (cell.kind === 'held' || cell.kind === 'others') {
      const stroke = `h${size}m${step - size} 0`
      return [make(colorOfCell(cell, colorOf), size, { down: size / 2, half: '', stroke })]
    }
    const [line, next] = [size - 1, `m${step} 0`]
    const square = `h${line}v${line}h-${line}z${next}`
    const around = make('var(--hub-map-line)', 1, { down: 0, half: '.5', stroke: square })
    const strike = strikeOut(cell, size)
    if (strike === '') return [around]
    const across = { down: 0, half: '', stroke: strike + next } as const
    return [around, make('var(--hub-tone-neutral)', 1, across)]
  }
  return {
    of: (cell: MapCell): readonly Brush[] => {
      const isHeld = cell.kind === 'held'
      const known = isHeld ? byNamespace.get(cell.holder.namespace) : byKind.get(cell.kind)
      if (known) return known
      const own = makeOf(cell)
      if (isHeld) byNamespace.set(cell.holder.namespace, own)
      else byKind.set(cell.kind, own)
      return own
    },
    shapes: () => [...shapes.values()],
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
