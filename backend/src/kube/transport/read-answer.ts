import { ClusterError, statusError } from '../cluster-error.ts'
import { isRecord, type KubeList, type KubeObject } from '../objects.ts'
import { readListItems } from './list-items.ts'
import type { Answer } from './exchange.ts'
import type { KubeRequest, TransportLimits } from './transport.ts'

/** A Status is short; a page of a proxy's HTML need not be read to its end. */
const statusBytesMax = 256 * 1024

/** What an answer that is no success says. */
export async function readRefusal(
  answer: Answer,
  { bodyBytesMax, redact }: { bodyBytesMax: number; redact: (text: string) => string },
): Promise<ClusterError> {
  // Its status counts, however long its words are.
  const text = await readText(answer, Math.min(bodyBytesMax, statusBytesMax)).catch(
    (error: unknown) => {
      if (error instanceof ClusterError) return ''
      throw error
    },
  )
  return statusError({
    status: answer.statusCode,
    body: parseJson(text),
    retryAfter: readHeader(answer, 'retry-after'),
    auditId: readHeader(answer, 'audit-id'),
    redact,
  })
}

/** The object that an answer's body is. Throws ClusterError where it is none, or too long. */
export async function readObject(
  answer: Answer,
  bytesMax: number,
): Promise<Record<string, unknown>> {
  return requireObject(parseJson(await readText(answer, bytesMax)))
}

/** A list, item by item. Throws ClusterError. */
export async function readList(
  answer: Answer,
  { bytesMax, onItem }: Pick<KubeRequest, 'bytesMax' | 'onItem'>,
  limits: Pick<TransportLimits, 'listBytesMax' | 'objectBytesMax'>,
): Promise<KubeList> {
  const items: KubeObject[] = []
  const list = await readListItems(answer.body as AsyncIterable<Buffer>, {
    bytesMax: bytesMax ?? limits.listBytesMax,
    itemBytesMax: limits.objectBytesMax,
    onItem: onItem ?? ((item) => void items.push(item)),
  })
  return onItem ? list : { ...list, items }
}

export function isSuccess(answer: Answer): boolean {
  return answer.statusCode >= 200 && answer.statusCode < 300
}

export function readHeader(answer: Answer, name: string): string | null {
  const value = answer.headers[name]
  return (Array.isArray(value) ? value[0] : value) ?? null
}

/** Whatever a Kubernetes API answers in JSON is an object. */
function requireObject(body: unknown): Record<string, unknown> {
  if (isRecord(body)) return body
  throw new ClusterError('protocol', { message: 'did not answer in JSON' })
}

async function readText(answer: Answer, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    size += chunk.byteLength
    if (size > bytesMax) {
      throw new ClusterError('protocol', { message: `answered with more than ${bytesMax} bytes` })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size).toString('utf8')
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
