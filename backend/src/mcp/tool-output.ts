import {
  isKept,
  isStream,
  unwrap,
  type BoundOperation,
  type ByteStream,
  type KeptJson,
} from '#operation'
import { cleanValue, isCleanJson } from './clean-text.ts'
import { fenceText } from './fence-text.ts'
import { pickFields, type Fields } from './pick-fields.ts'

const textMax = 64 * 1024

/** What a tool answers: text for a model to read, which is JSON where it is a value too. Each is made when it is asked for. */
export type ToolOutput = {
  text: () => string
  structured: (() => Record<string, unknown>) | null
  /** Of what memory keeps: the JSON, and a JSON string of it. */
  written?: () => Record<'json' | 'quoted', Uint8Array>
}

/** Of what memory keeps as JSON, as a model may have it: all of it, and what is answered where no fields are named. */
const readings = new WeakMap<KeptJson<unknown>, { all?: ToolOutput; standard?: ToolOutput }>()

/** As an operation's output kind promises what `run` returned, of JSON those fields that are wanted. */
export async function readToolOutput(
  { output, tool }: Pick<BoundOperation, 'output' | 'tool'>,
  result: unknown,
  fields: Fields = null,
): Promise<ToolOutput> {
  if (output === null) return presentText('Done.')
  if (isStream(output)) return presentText(fenceText(await readEnd(result as ByteStream)))
  // What is written back as it was read is given whole.
  const whole = 'none' in tool ? undefined : tool.resource?.text
  if (isKept(output)) return readKept(result as KeptJson<unknown>, fields, whole)
  return presentValue(pickFields(clean(unwrap(result).value, whole), fields))
}

export function presentText(text: string): ToolOutput {
  return { text: () => text, structured: null }
}

function presentValue(value: Record<string, unknown>): ToolOutput {
  return { text: () => JSON.stringify(value), structured: () => value }
}

/** What many ask for is read once. */
function readKept(kept: KeptJson<unknown>, fields: Fields, whole: string | undefined): ToolOutput {
  const known = readings.get(kept) ?? {}
  readings.set(kept, known)
  const all = (known.all ??= presentJson(cleanKept(kept, whole)))
  if (fields === null) return all
  const pick = () => presentJson(Buffer.from(JSON.stringify(pickFields(all.structured!(), fields))))
  return fields.isStandard ? (known.standard ??= pick()) : pick()
}

function cleanKept({ bytes }: KeptJson<unknown>, whole: string | undefined): Uint8Array {
  const text = textOf(bytes)
  return isCleanJson(text) ? bytes : Buffer.from(JSON.stringify(clean(JSON.parse(text), whole)))
}

function presentJson(json: Uint8Array) {
  const text = () => textOf(json)
  let quoted: Buffer | null = null
  return {
    text,
    structured: () => JSON.parse(text()) as Record<string, unknown>,
    written: () => ({ json, quoted: (quoted ??= Buffer.from(JSON.stringify(text()))) }),
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

function clean(value: unknown, whole: string | undefined): Record<string, unknown> {
  return cleanValue(value, whole) as Record<string, unknown>
}

async function readEnd({ body }: ByteStream): Promise<string> {
  let chunks: Uint8Array[] = []
  let size = 0
  let isCut = false
  for await (const chunk of body) {
    chunks.push(chunk)
    size += chunk.byteLength
    if (size < 2 * textMax) continue
    isCut = true
    chunks = [Buffer.concat(chunks).subarray(-textMax)]
    size = textMax
  }
  const text = Buffer.concat(chunks).subarray(-textMax).toString('utf8')
  return isCut || size > textMax ? `# What came before is left out.\n${text}` : text
}
