import type { InputRequiredResult } from '@modelcontextprotocol/server'
import { drawFence } from './fence-text.ts'
import type { ToolOutput } from './tool-output.ts'

/** What a call came to, or what has to be asked before. */
export type Answer =
  | { output: ToolOutput; isError?: true; meta?: Record<string, unknown> }
  | { ask: InputRequiredResult }

type Result = {
  content: { type: 'text'; text: string }[]
  structuredContent?: Record<string, unknown>
  _meta?: Record<string, unknown>
  isError?: true
}

/** For the protocol's own server. JSON stands in a block of its own, so that whoever parses it can. */
export function toResult(answer: Answer): Result | InputRequiredResult {
  if ('ask' in answer) return answer.ask
  const { isError, meta, output } = answer
  const { structured, text } = output
  const rest = { ...(isError && { isError }), ...(meta && { _meta: meta }) }
  if (structured === null) return { content: [toBlock(text())], ...rest }
  const [before, after] = drawFence()
  const content = [before, text(), after].map(toBlock)
  return { content, structuredContent: structured(), ...rest }
}

/** The same as JSON, in pieces, of which the larger ones may have been written before. */
export function writeResult(answer: Answer): (string | Uint8Array)[] {
  if ('ask' in answer || !answer.output.written) return [JSON.stringify(toResult(answer))]
  const { json, quoted } = answer.output.written()
  const { meta } = answer
  const [before, after] = drawFence().map((line) => JSON.stringify(toBlock(line)))
  const rest = meta === undefined ? '' : `,"_meta":${JSON.stringify(meta)}`
  const [upToText, upToValue] = [`{"content":[${before},{"type":"text","text":`, `},${after}]`]
  return [upToText, quoted, `${upToValue},"structuredContent":`, json, `${rest}}`]
}

function toBlock(text: string): Result['content'][number] {
  return { type: 'text', text }
}
