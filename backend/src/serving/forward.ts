import type { Passage } from '#kube'

/** What stands behind a Service, as it answered: every status is its own. */
export type Forwarded = {
  status: number
  headers: Record<string, string>
  body: ReadableStream<Uint8Array>
}

/** What may be said of a body and of the answer that is wanted. Who asks is the hub's to say, and to nobody but the cluster. */
const forwardable = new Set([
  'accept',
  'accept-language',
  'anthropic-beta',
  'anthropic-version',
  'content-encoding',
  'content-language',
  'content-type',
  'openai-beta',
  'traceparent',
  'tracestate',
])

/** For one connection alone (RFC 9110 §7.6.1), whether or not `Connection` names them. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Of the cluster, or addressed to the hub: a cookie or a challenge of a model would be taken for the hub's own. */
const kept = new Set([
  'alt-svc',
  'audit-id',
  'clear-site-data',
  'location',
  'set-cookie',
  'strict-transport-security',
  'warning',
  'www-authenticate',
])

/** The headers that go to a model with a request. */
export function forwardHeaders(given: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(given)
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name]) => forwardable.has(name)),
  )
}

/** The answer of a model without what was meant for the hub. */
export function presentForwarded({ body, headers, status }: Passage): Forwarded {
  const connection = String(headers['connection'] ?? '').toLowerCase()
  const named = new Set(connection.split(',').map((name) => name.trim()))
  const passed = Object.entries(headers).flatMap(([name, value]): [string, string][] => {
    const isKept = hopByHop.has(name) || kept.has(name) || named.has(name)
    if (value === undefined || isKept || name.startsWith('x-kubernetes-')) return []
    return [[name, Array.isArray(value) ? value.join(', ') : value]]
  })
  return { status, headers: Object.fromEntries(passed), body }
}
