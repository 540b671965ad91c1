const answered = ['application/json', 'text/event-stream'] as const

/** Whether a client takes both types that the transport answers with, by name or by a range (RFC 9110 §12.5.1). */
export function acceptsBoth(header: string | null): boolean {
  if (header === null) return false
  if (namesBoth(header)) return true
  const ranges = header
    .toLowerCase()
    .split(',')
    .map((range) => range.split(';', 1)[0]!.trim())
  return answered.every((type) =>
    [type, `${type.split('/', 1)[0]!}/*`, '*/*'].some((range) => ranges.includes(range)),
  )
}

/** The same headers as the protocol's server knows them, which looks for both names as they are written here. */
export function withAccept(headers: Headers): Headers {
  const accept = headers.get('accept') ?? ''
  if (namesBoth(accept) || !acceptsBoth(accept)) return headers
  const own = new Headers(headers)
  own.set('accept', answered.join(', '))
  return own
}

function namesBoth(header: string): boolean {
  return answered.every((type) => header.includes(type))
}
