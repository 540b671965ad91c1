import type { MapCell } from './map-cells.ts'
import type { MapLayout } from './lay-out-map.ts'

/** The colours of the scheme that is on, as the canvas takes them. */
export interface MapColors {
  holders: readonly string[]
  others: string
  line: string
  ink: string
}

/** Draws every GPU: filled is in use, empty is free, and a stroke across says why it is neither. */
export function drawMap(
  canvas: HTMLCanvasElement,
  layout: MapLayout,
  { width, scale, colors }: { width: number; scale: number; colors: MapColors },
  colorOf: ReadonlyMap<string, number>,
): void {
  const { cell: size, gap } = layout.sizes
  canvas.width = Math.ceil(width * scale)
  canvas.height = Math.ceil(layout.height * scale)
  const context = canvas.getContext('2d')
  if (!context) return
  context.scale(scale, scale)
  context.lineWidth = 1
  let drawn: MapCell | undefined
  for (const { cells, columns, x, y } of layout.nodes) {
    for (const [index, cell] of cells.entries()) {
      const left = x + (index % columns) * (size + gap)
      const top = y + Math.floor(index / columns) * (size + gap)
      if (cell.kind === 'held' || cell.kind === 'others') {
        if (cell !== drawn) context.fillStyle = colorOfCell(cell, colors, colorOf)
        context.fillRect(left, top, size, size)
      } else drawEmpty(context, cell, { left, top, size }, colors)
      drawn = cell
    }
  }
}

function colorOfCell(
  cell: MapCell,
  { holders, others }: MapColors,
  colorOf: ReadonlyMap<string, number>,
): string {
  if (cell.kind !== 'held') return others
  return holders[colorOf.get(cell.holder.namespace) ?? 0] ?? others
}

function drawEmpty(
  context: CanvasRenderingContext2D,
  cell: MapCell,
  { left, top, size }: { left: number; top: number; size: number },
  colors: MapColors,
): void {
  context.strokeStyle = colors.line
  context.strokeRect(left + 0.5, top + 0.5, size - 1, size - 1)
  if (cell.kind === 'free') return
  context.strokeStyle = colors.ink
  context.beginPath()
  if (cell.kind !== 'unknown') {
    context.moveTo(left + 1, top + size - 1)
    context.lineTo(left + size - 1, top + 1)
  }
  if (cell.kind === 'unavailable') {
    context.moveTo(left + 1, top + 1)
    context.lineTo(left + size - 1, top + size - 1)
  }
  if (cell.kind === 'unknown') {
    context.moveTo(left + size / 2 - 1, top + size / 2)
    context.lineTo(left + size / 2 + 1, top + size / 2)
  }
  context.stroke()
}
