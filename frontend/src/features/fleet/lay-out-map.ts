import { listPlaces, listRuns, type MapCell, type MapInstance, type MapNode } from './map-cells.ts'

export interface MapSizes {
  cell: number
  gap: number
  /** Between nodes. */
  between: number
}

export interface PlacedNode {
  node: MapNode
  x: number
  y: number
  columns: number
}

export interface MapLayout {
  nodes: readonly PlacedNode[]
  height: number
  sizes: MapSizes
}

const columnsMax = 8

/** Smaller the more there are, so that ten thousand still fit on a few screens. */
export function chooseSizes(total: number): MapSizes {
  if (total <= 300) return { cell: 16, gap: 2, between: 10 }
  if (total <= 2_000) return { cell: 10, gap: 2, between: 8 }
  return { cell: 6, gap: 1, between: 5 }
}

/** Puts the nodes of an instance side by side, in rows as wide as there is room; each is a block of its GPUs. */
export function layOutMap(instance: MapInstance, width: number, sizes: MapSizes): MapLayout {
  const { between, cell, gap } = sizes
  const step = cell + gap
  const nodes: PlacedNode[] = []
  let [x, y, rowHeight] = [0, 0, 0]
  for (const node of listPlaces(instance)) {
    const count = node.pools.reduce((sum, { total }) => sum + total, 0)
    if (count === 0) continue
    const columns = Math.min(columnsMax, count)
    const blockWidth = columns * step - gap
    if (x > 0 && x + blockWidth > width) {
      x = 0
      y += rowHeight + between
      rowHeight = 0
    }
    nodes.push({ node, x, y, columns })
    rowHeight = Math.max(rowHeight, Math.ceil(count / columns) * step - gap)
    x += blockWidth + between
  }
  return { nodes, height: y + rowHeight, sizes }
}

/** The GPU at a point of the map, and the node it is on; null between them. */
export function findCell(
  { nodes, sizes }: MapLayout,
  x: number,
  y: number,
): { cell: MapCell; at: PlacedNode; index: number } | null {
  const step = sizes.cell + sizes.gap
  for (const at of nodes) {
    const column = Math.floor((x - at.x) / step)
    const row = Math.floor((y - at.y) / step)
    if (column < 0 || column >= at.columns || row < 0) continue
    const index = row * at.columns + column
    let end = 0
    const run = listRuns(at.node.pools).find(({ length }) => (end += length) > index)
    if (run) return { cell: run.cell, at, index }
  }
  return null
}
