import type { MapLayout } from './lay-out-map.ts'
import { listRuns, type MapCell } from './map-cells.ts'

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
        for (const { half, shape, strokes } of own) {
          const start = `M${x + column * step}${half} ${top}${half}`
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

/** What a cell is drawn with: `half` is `.5` where a line has to meet a pixel, `strokes` are so many, one beside the other. */
interface Brush {
  shape: MapShape
  half: '' | '.5'
  strokes: string[]
}

/** Each kind of cell is made once: what is done for every run of ten thousand GPUs counts. */
function createBrushes(size: number, step: number, colorOf: ReadonlyMap<string, number>) {
  const shapes = new Map<string, MapShape>()
  const byKind = new Map<MapCell['kind'], readonly Brush[]>()
  const byNamespace = new Map<string, readonly Brush[]>()
  const make = (color: string, isLine: boolean, half: '' | '.5', stroke: string): Brush => {
    const shape = shapes.get(color) ?? { color, isLine, path: '' }
    shapes.set(color, shape)
    return { shape, half, strokes: ['', `${stroke}m${step} 0`] }
  }
  const makeOf = (cell: MapCell): Brush[] => {
    if (cell.kind === 'held' || cell.kind === 'others') {
      return [make(colorOfCell(cell, colorOf), false, '', square(size))]
    }
    const around = make('var(--hub-map-line)', true, '.5', square(size - 1))
    const strike = strikeOut(cell, size)
    return strike === '' ? [around] : [around, make('var(--hub-tone-neutral)', true, '', strike)]
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

function square(side: number): string {
  return `h${side}v${side}h-${side}z`
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
