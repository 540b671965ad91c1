import type { ChatInput, ChatMessage } from '@hub/shared'

/** What goes along with every question; empty is left to the model's server. */
export interface ChatSettings {
  /** A base model takes a text and goes on with it. */
  isCompletion: boolean
  system: string
  temperature: number | ''
  topP: number | ''
  maxTokens: number | ''
  seed: number | ''
  /** One per line. */
  stop: string
}

export const defaultSettings: ChatSettings = {
  isCompletion: false,
  system: '',
  temperature: '',
  topP: '',
  maxTokens: '',
  seed: '',
  stop: '',
}

/** What one model is asked next, after what it was asked before. */
export function writeInput(
  settings: ChatSettings,
  earlier: readonly ChatMessage[],
  question: string,
): ChatInput {
  const { maxTokens, seed, temperature, topP } = settings
  const stop = settings.stop.split('\n').filter((line) => line !== '')
  const parameters = {
    ...(temperature !== '' && { temperature }),
    ...(topP !== '' && { top_p: topP }),
    ...(maxTokens !== '' && { max_tokens: maxTokens }),
    ...(seed !== '' && { seed }),
    ...(stop.length > 0 && { stop }),
  }
  if (settings.isCompletion) return { prompt: question, ...parameters }
  const system = settings.system.trim()
  return {
    messages: [
      ...(system === '' ? [] : [{ role: 'system' as const, content: system }]),
      ...earlier,
      { role: 'user', content: question },
    ],
    ...parameters,
  }
}
