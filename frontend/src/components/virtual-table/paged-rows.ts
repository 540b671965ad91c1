/** The rows of a table, of which some may not be loaded. */
export interface TableRows<Row> {
  /** How many there are, loaded or not. */
  total: number
  rowAt: (index: number) => Row | undefined
  /** Where a loaded row is; null where it is not among them. */
  indexOf: (key: string) => number | null
  keyOf: (row: Row) => string
  /** All that are loaded, by their places. */
  loaded: () => Iterable<readonly [index: number, row: Row]>
}

interface LoadedPage<Row> {
  page: number
  items: readonly Row[]
}

/** Rows that come in pages of one size. */
export function joinPages<Row>({
  pages,
  pageSize,
  total,
  keyOf,
}: {
  pages: readonly LoadedPage<Row>[]
  pageSize: number
  total: number
  keyOf: (row: Row) => string
}): TableRows<Row> {
  const byPage = new Map(pages.map(({ items, page }) => [page, items]))
  function* loaded() {
    for (const { items, page } of pages) {
      for (const [at, row] of items.entries()) {
        const index = page * pageSize + at
        if (index < total) yield [index, row] as const
      }
    }
  }
  return {
    total,
    rowAt: (index) => byPage.get(Math.floor(index / pageSize))?.[index % pageSize],
    indexOf: (key) => {
      for (const [index, row] of loaded()) if (keyOf(row) === key) return index
      return null
    },
    keyOf,
    loaded,
  }
}
