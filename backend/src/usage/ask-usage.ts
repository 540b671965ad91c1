/** The calls whose streams tell their usage where they are asked to. */
const asking = new Set(['chat/completions', 'completions'])

/**
 * A body that asks the engine to tell a stream's usage. `isAdded` where its client had not asked: then the event that
 * tells it is none of the client's.
 */
export function askUsage(
  path: readonly string[],
  body: Record<string, unknown>,
): { body: Record<string, unknown>; isAdded: boolean } {
  const options = body['stream_options'] ?? {}
  const isOdd = typeof options !== 'object' || Array.isArray(options)
  if (body['stream'] !== true || isOdd || !asking.has(path.join('/'))) {
    return { body, isAdded: false }
  }
  if ('include_usage' in options && options.include_usage === true) return { body, isAdded: false }
  return { body: { ...body, stream_options: { ...options, include_usage: true } }, isAdded: true }
}
