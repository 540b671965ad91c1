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

/** What a tool answers: text for a model to read, and the same as JSON where it is JSON. */
export type ToolOutput = { text: string; structured: Record<string, unknown> | null }

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
    const text = Buffer.from((result as KeptJson<unknown>).bytes).toString('utf8')
    if (isCleanJson(text)) return { text, structured: JSON.parse(text) }
    return present(JSON.parse(text), whole)
  }
  return present(unwrap(result).value, whole)
}

function present(value: unknown, whole: string | undefined): ToolOutput {
  const structured = cleanValue(value, whole) as Record<string, unknown>
  return { text: JSON.stringify(structured), structured }
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
