import {
  isKept,
  isStream,
  unwrap,
  type BoundOperation,
  type ByteStream,
  type KeptJson,
} from '#operation'

const textMax = 64 * 1024

/** What a tool answers: text for a model to read, and the same as JSON where it is JSON. */
export type ToolOutput = { text: string; structured: Record<string, unknown> | null }

/** As an operation's output kind promises what `run` returned. Of a stream its end, as text. */
export async function readToolOutput(
  { output }: Pick<BoundOperation, 'output'>,
  result: unknown,
): Promise<ToolOutput> {
  if (output === null) return { text: 'Done.', structured: null }
  if (isStream(output)) return { text: await readEnd(result as ByteStream), structured: null }
  if (isKept(output)) {
    const text = Buffer.from((result as KeptJson<unknown>).bytes).toString('utf8')
    return { text, structured: JSON.parse(text) }
  }
  const { value } = unwrap(result)
  return { text: JSON.stringify(value), structured: value as Record<string, unknown> }
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
