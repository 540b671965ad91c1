import { setImmediate } from 'node:timers/promises'
import { ClusterError } from '../cluster-error.ts'
import { isRecord, type KubeList, type KubeObject } from '../objects.ts'

export type ListItemsOptions = {
  /** The whole answer. */
  bytesMax: number
  /** One item, and all that is no item together. */
  itemBytesMax: number
  /** `bytes` is what came since the item before. The next one waits for it; what it throws ends the reading. */
  onItem: (item: KubeObject, bytes: number) => Promise<void> | undefined | void
}

/** The longest that reading goes on without letting anybody else have the event loop. */
const turnMs = 2

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const openBracket = 0x5b
const backslash = 0x5c
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d

/**
 * Reads a list in JSON item by item, as it comes: memory holds one item, and the event loop is held for no more than one.
 * Resolves with the list but for its items; throws ClusterError.
 */
export async function readListItems(
  chunks: AsyncIterable<Uint8Array>,
  options: ListItemsOptions,
): Promise<KubeList> {
  const { itemBytesMax, onItem } = options
  const envelope = gather(itemBytesMax)
  const item = gather(itemBytesMax)
  let total = 0
  let told = 0
  let depth = 0
  let isString = false
  let isEscaped = false
  /** Within the array that the list's own `items` is. */
  let isItems = false
  /** At depth 1: the key that was read last, once its colon came. */
  let key = ''
  let keyBytes: number[] | null = null
  let isValue = false
  let turnStartedAt = performance.now()

  const deliver = (end: number) => {
    const text = item.take().trim()
    if (text === '') return undefined
    const parsed = parse(text)
    const bytes = end - told
    told = end
    return isRecord(parsed) ? onItem(parsed, bytes) : undefined
  }

  for await (const chunk of chunks) {
    let start = 0
    const before = total
    total += chunk.byteLength
    if (before + chunk.byteLength > options.bytesMax) {
      throw new ClusterError('too-much', {
        message: `answers a list with more than ${describeBytes(options.bytesMax)}`,
      })
    }
    /** Hands what was passed by to whom it belongs. */
    const flush = (end: number) => {
      if (end > start) (isItems ? item : envelope).add(chunk.subarray(start, end))
      start = end
    }
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at]!
      if (isString) {
        if (isEscaped) isEscaped = false
        else if (byte === backslash) isEscaped = true
        else if (byte === quote) isString = false
        if (keyBytes && isString && keyBytes.length < 16) keyBytes.push(byte)
        if (keyBytes && !isString) {
          key = String.fromCharCode(...keyBytes)
          keyBytes = null
        }
        continue
      }
      switch (byte) {
        case quote:
          isString = true
          if (depth === 1 && !isValue) keyBytes = []
          break
        case colon:
          if (depth === 1) isValue = true
          break
        case openBracket:
        case openBrace:
          depth += 1
          if (depth === 2 && isValue && key === 'items' && byte === openBracket) {
            flush(at + 1)
            isItems = true
          }
          break
        case closeBracket:
        case closeBrace:
          depth -= 1
          if (isItems && depth === 1) {
            flush(at)
            await deliver(before + at)
            isItems = false
          }
          break
        case comma:
          if (depth === 1) isValue = false
          if (isItems && depth === 2) {
            flush(at)
            start = at + 1
            const wait = deliver(before + at)
            if (wait) await wait
            if (performance.now() - turnStartedAt >= turnMs) {
              await setImmediate()
              turnStartedAt = performance.now()
            }
          }
          break
      }
    }
    flush(chunk.length)
    if (performance.now() - turnStartedAt >= turnMs) await setImmediate()
    turnStartedAt = performance.now()
  }
  const list = parse(envelope.take())
  if (!isRecord(list)) throw noJson()
  return list
}

/** Bytes until they are taken as text, no more than `bytesMax`. */
function gather(bytesMax: number) {
  let parts: Uint8Array[] = []
  let size = 0
  return {
    add: (part: Uint8Array) => {
      size += part.byteLength
      if (size > bytesMax) {
        throw new ClusterError('too-much', {
          message: `has an object of more than ${describeBytes(bytesMax)}`,
        })
      }
      parts.push(part)
    },
    take: (): string => {
      const text = Buffer.concat(parts, size).toString('utf8')
      parts = []
      size = 0
      return text
    },
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw noJson(cause)
  }
}

function noJson(cause?: unknown): ClusterError {
  return new ClusterError('protocol', { message: 'did not answer in JSON', cause })
}

/** In the largest unit that leaves a whole number. */
export function describeBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB']
  let unit = 0
  let value = bytes
  for (; value >= 1024 && value % 1024 === 0 && unit < units.length - 1; unit += 1) value /= 1024
  return `${value} ${units[unit]}`
}
