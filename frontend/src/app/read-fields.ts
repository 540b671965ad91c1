/** What a field of an address may say; undefined for what makes no sense there. */
type ReadField = (text: string) => string | undefined

type Fields<Shape extends Record<string, ReadField>> = {
  [Field in keyof Shape]?: NonNullable<ReturnType<Shape[Field]>>
}

/** Keeps of an address what makes sense in each field; the router reads digits as a number. */
export function readFields<Shape extends Record<string, ReadField>>(
  shape: Shape,
  search: Record<string, unknown>,
): Fields<Shape> {
  const kept = Object.entries(shape).flatMap(([name, read]) => {
    const value = search[name]
    if (typeof value !== 'string' && typeof value !== 'number') return []
    const text = read(String(value))
    return text === undefined ? [] : [[name, text]]
  })
  // Each value came out of the reader of its own field.
  return Object.fromEntries(kept) as Fields<Shape>
}
