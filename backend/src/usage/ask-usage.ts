/** The calls whose streams tell their usage where they are asked to. */
const asking = new Set(['chat/completions', 'completions'])

/**
 * What to set in a body so that the engine tells a stream's usage. `isAdded` where its client had not asked: then the event
 * that tells it is none of the client's.
 */
export function askUsage(
  path: readonly string[],
  body: Record<string, unknown>,
): { set: Record<string, unknown>; isAdded: boolean } {
  const options = body['stream_options'] ?? {}
  const isOdd = typeof options !== 'object' || Array.isArray(options)
  if (body['stream'] !== true || isOdd || !asking.has(path.join('/'))) {
    return { set: {}, isAdded: false }
  }
  if ('include_usage' in options && options.include_usage === true)
    return { set: {}, isAdded: false }
  return { set: { stream_options: { ...options, include_usage: true } }, isAdded: true }
}
