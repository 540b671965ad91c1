/** "12,345": a whole number as English writes it. `toLocaleString` loads a locale first, which costs more than a page's table. */
export function writeCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** "1 hour", "12,345 hours". */
export function countOf(count: number, unit: string): string {
  return `${writeCount(count)} ${unit}${count === 1 ? '' : 's'}`
}
