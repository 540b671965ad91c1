const answered = ['application/json', 'text/event-stream'] as const

/** Whether a client takes both types that the transport answers with, by name or by a range (RFC 9110 §12.5.1). */
export function acceptsBoth(header: string | null): boolean {
  const ranges = (header ?? '')
    .toLowerCase()
    .split(',')
    .map((range) => range.split(';', 1)[0]!.trim())
  return answered.every((type) =>
    [type, `${type.split('/', 1)[0]!}/*`, '*/*'].some((range) => ranges.includes(range)),
  )
}

/** The same headers as the protocol's server knows them, which looks for both names as they are written here. */
export function withAccept(headers: Headers): Headers {
  const own = new Headers(headers)
  if (acceptsBoth(headers.get('accept'))) own.set('accept', answered.join(', '))
  return own
}
