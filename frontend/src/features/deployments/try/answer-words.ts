import type { Answer } from './conversation.ts'

/** How an answer went, in a line: its size, its pace, how long it was waited for. */
export function describeAnswer({ finish, state, usage }: Answer): string {
  const parts: string[] = []
  if (state === 'stopped') parts.push('Stopped')
  if (usage) {
    const { completionTokens, firstTokenMs, tokensPerSecond, totalMs } = usage
    if (completionTokens !== null) {
      parts.push(completionTokens === 1 ? '1 token' : `${completionTokens} tokens`)
    }
    if (tokensPerSecond !== null) parts.push(`${tokensPerSecond} tokens/s`)
    if (firstTokenMs !== null) parts.push(`first token after ${formatMs(firstTokenMs)}`)
    parts.push(`${formatMs(totalMs)} in all`)
  }
  if (finish === 'length') parts.push('cut off at the token limit')
  else if (finish !== null && finish !== 'stop') parts.push(`ended by ${finish}`)
  return parts.join(' · ')
}

function formatMs(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`
}
