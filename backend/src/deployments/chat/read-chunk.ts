import { isRecord } from '#kube'

/** What one piece of an answer says, in OpenAI's protocol of chats or of completions. */
export type Chunk = {
  text: string
  reasoning: string
  finishReason: string | null
  usage: { promptTokens: number | null; completionTokens: number | null } | null
  /** The model's own words where it gave up. */
  error: string | null
}

const errorLengthMax = 1_000

/** Null where it is none. */
export function readChunk(text: string): Chunk | null {
  const value = parse(text)
  if (!isRecord(value)) return null
  const error = readError(value)
  const usage = isRecord(value['usage']) ? value['usage'] : null
  const choices = Array.isArray(value['choices']) ? (value['choices'] as unknown[]) : null
  if (error === null && usage === null && choices === null) return null
  const choice = choices && isRecord(choices[0]) ? choices[0] : {}
  const said = [choice['delta'], choice['message']].find(isRecord) ?? {}
  const finish = choice['finish_reason']
  return {
    text: textOf(said['content']) || textOf(choice['text']),
    // By DeepSeek's name, and by that of newer servers.
    reasoning: textOf(said['reasoning_content']) || textOf(said['reasoning']),
    finishReason: typeof finish === 'string' ? finish.slice(0, 100) : null,
    usage: usage && {
      promptTokens: count(usage['prompt_tokens']),
      completionTokens: count(usage['completion_tokens']),
    },
    error,
  }
}

/** What a model says of what it cannot do, whichever of the usual forms it has. */
export function readError(value: unknown): string | null {
  if (!isRecord(value)) return null
  const { detail, error, message, object } = value
  const said = isRecord(error) ? error['message'] : (error ?? (object === 'error' && message))
  const found = [said, detail].find((each) => typeof each === 'string' && each.trim() !== '')
  return typeof found === 'string' ? found.slice(0, errorLengthMax).toWellFormed() : null
}

export function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function count(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null
}
