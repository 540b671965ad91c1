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

const textMax = 64 * 1024

/** JSON, and a JSON string of it. */
export type Written = Record<'json' | 'quoted', string | Uint8Array>

/** What a tool answers: text for a model to read, and the same as a value where it is JSON. */
export type ToolOutput = {
  text: string
  /** Read when it is asked for. */
  structured: (() => Record<string, unknown>) | null
  /** Where that is kept. */
  written?: Written
}

type Reading = { text: string; written: Written }

/** Of what memory keeps as JSON and is as a model may have it; null for what has to be cleaned first. */
const readings = new WeakMap<KeptJson<unknown>, Reading | null>()

/** As an operation's output kind promises what `run` returned. Of a stream its end, as text. */
export async function readToolOutput(
  { output, tool }: Pick<BoundOperation, 'output' | 'tool'>,
  result: unknown,
): Promise<ToolOutput> {
  // What is written back as it was read is given whole.
  const whole = 'none' in tool ? undefined : tool.resource?.text
  if (output === null) return { text: 'Done.', structured: null }
  if (isStream(output)) {
    return { text: fenceText(await readEnd(result as ByteStream)), structured: null }
  }
  if (isKept(output)) {
    const kept = result as KeptJson<unknown>
    const reading = readKept(kept)
    if (reading) return { ...reading, structured: () => JSON.parse(reading.text) }
    return present(JSON.parse(textOf(kept)), whole)
  }
  return present(unwrap(result).value, whole)
}

/** Of a page that many ask for, once. */
function readKept(kept: KeptJson<unknown>): Reading | null {
  const known = readings.get(kept)
  if (known !== undefined) return known
  const text = textOf(kept)
  const write = () => ({ json: kept.bytes, quoted: Buffer.from(JSON.stringify(text)) })
  const reading = isCleanJson(text) ? { text, written: write() } : null
  readings.set(kept, reading)
  return reading
}

function textOf({ bytes }: KeptJson<unknown>): string {
  return Buffer.from(bytes).toString('utf8')
}

function present(value: unknown, whole: string | undefined): ToolOutput {
  const structured = cleanValue(value, whole) as Record<string, unknown>
  return { text: JSON.stringify(structured), structured: () => structured }
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
