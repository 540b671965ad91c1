import type { Context } from 'hono'

/** What a call says of itself in its protocol's own headers. */
const ofProtocol = ['accept', 'anthropic-beta', 'anthropic-version', 'openai-beta'] as const
/** W3C Trace Context: it joins the spans of the operator's own programs. */
const ofTrace = ['traceparent', 'tracestate'] as const

export type CallHeaders = {
  protocol: Partial<Record<(typeof ofProtocol)[number], string>>
  trace: Partial<Record<(typeof ofTrace)[number], string>>
}

/** The headers of a call that are for who answers it; all others are the hub's. */
export function readCallHeaders(c: Context): CallHeaders {
  const read = <Name extends string>(names: readonly Name[]) => {
    const given: Partial<Record<Name, string>> = {}
    for (const name of names) {
      const value = c.req.header(name)
      if (value !== undefined) given[name] = value
    }
    return given
  }
  return { protocol: { accept: '*/*', ...read(ofProtocol) }, trace: read(ofTrace) }
}
