import { isRecord } from '#kube'

/** What an answer says it cost. */
export type AnswerUsage = { promptTokens: number; completionTokens: number }

/** No engine has made more in one answer; what says so is not believed. */
const tokensMax = 1_000_000_000

/**
 * The usage that an answer, or one event of it, tells: of OpenAI's chat, completions, embeddings and responses, and of
 * Anthropic's messages with their events. Null where it tells none; a part that it does not tell is null.
 */
export function readUsage(
  answer: unknown,
): { promptTokens: number | null; completionTokens: number | null } | null {
  if (!isRecord(answer)) return null
  const usage = [answer, answer['response'], answer['message'], answer['x_groq']]
    .map((each) => (isRecord(each) ? each['usage'] : null))
    .find(isRecord)
  if (!usage) return null
  const input = count(usage['input_tokens'])
  const cached = isMessages(usage)
    ? (count(usage['cache_creation_input_tokens']) ?? 0) +
      (count(usage['cache_read_input_tokens']) ?? 0)
    : 0
  // How an answer begins (`message_start`) says nothing of how long it became.
  const isBeginning = answer['type'] === 'message_start'
  const completion = isBeginning
    ? null
    : (count(usage['completion_tokens']) ?? count(usage['output_tokens']))
  const prompt = count(usage['prompt_tokens']) ?? (input === null ? null : input + cached)
  // Rerankers tell a sum alone.
  const sum = completion === null && prompt === null ? count(usage['total_tokens']) : null
  return { promptTokens: prompt ?? sum, completionTokens: completion }
}

/** Whether this event is there for its usage alone, as `stream_options.include_usage` adds it. */
export function isUsageAlone(event: unknown): boolean {
  return (
    isRecord(event) &&
    Array.isArray(event['choices']) &&
    event['choices'].length === 0 &&
    isRecord(event['usage'])
  )
}

/** Anthropic counts what a cache gave beside the rest of the prompt; OpenAI counts it as part of it. */
function isMessages(usage: Record<string, unknown>): boolean {
  return usage['cache_creation_input_tokens'] !== undefined || 'cache_read_input_tokens' in usage
}

function count(value: unknown): number | null {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return null
  return Math.min(Math.round(value), tokensMax)
}
