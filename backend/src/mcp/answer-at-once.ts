import {
  isJsonContentType,
  SUPPORTED_PROTOCOL_VERSIONS,
  type JSONRPCRequest,
} from '@modelcontextprotocol/server'
import { isRecord } from '#kube'
import { acceptsBoth } from './accept.ts'
import { parseJson } from './parse-json.ts'

/** A request for which no server of the protocol has to be made. */
export type PlainRequest =
  | { id: JSONRPCRequest['id']; method: 'tools/list' }
  | { id: JSONRPCRequest['id']; method: 'tools/call'; name: string; given: unknown }

const fields = new Set(['jsonrpc', 'id', 'method', 'params'])

/**
 * What the revisions before 2026-07-28 ask of tools, where it is nothing but that: no progress, no page, no odd header.
 * Null for everything else, which the protocol's own server reads, answers or refuses.
 */
export function readPlainRequest(headers: Headers, body: string): PlainRequest | null {
  if (!isPlainTransport(headers)) return null
  const sent = parseJson(body)
  if (!isRecord(sent) || sent['jsonrpc'] !== '2.0' || !hasOnly(sent, fields)) return null
  const { id, method, params = {} } = sent
  const isId = typeof id === 'string' || Number.isSafeInteger(id)
  if (!isId || !isRecord(params)) return null
  const of = { id: id as JSONRPCRequest['id'] }
  if (method === 'tools/list') return hasOnly(params, new Set()) ? { ...of, method } : null
  if (method !== 'tools/call' || !hasOnly(params, new Set(['name', 'arguments']))) return null
  const { arguments: given = {}, name } = params
  return typeof name === 'string' && isRecord(given) ? { ...of, method, name, given } : null
}

/** The answer to it, as JSON. `result` is that already, in pieces. */
export function answerAtOnce(
  { id }: PlainRequest,
  result: readonly (string | Uint8Array)[],
): Buffer<ArrayBuffer> {
  const before = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":`
  const pieces = [before, ...result, '}'].map((piece) =>
    typeof piece === 'string' ? Buffer.from(piece) : piece,
  )
  return Buffer.concat(pieces)
}

/** Streamable HTTP: a client takes both types; a version that is left out is one that says it in no header. */
function isPlainTransport(headers: Headers): boolean {
  const version = headers.get('mcp-protocol-version')
  return (
    isJsonContentType(headers.get('content-type')) &&
    acceptsBoth(headers.get('accept')) &&
    !headers.has('mcp-method') &&
    !headers.has('mcp-name') &&
    !headers.has('mcp-session-id') &&
    version !== null &&
    version < '2026' &&
    SUPPORTED_PROTOCOL_VERSIONS.includes(version)
  )
}

function hasOnly(value: Record<string, unknown>, names: ReadonlySet<string>): boolean {
  return Object.keys(value).every((name) => names.has(name))
}
