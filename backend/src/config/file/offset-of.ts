/** Where a part of a parsed document begins: the parser gives a place to each. */
export function offsetOf(node: unknown): number {
  return (node as { range: [number, number, number] }).range[0]
}
