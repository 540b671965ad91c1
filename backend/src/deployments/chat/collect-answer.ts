import type { ChatAnswer, ChatEvent } from '@hub/shared'
import { AppError } from '#errors'

const textMax = 256 * 1024

/** What comes of an answer, at its end. Throws what its stream ended with. */
export async function collectAnswer(events: AsyncGenerator<ChatEvent>): Promise<ChatAnswer> {
  let text = ''
  let finishReason: string | null = null
  for await (const event of events) {
    switch (event.type) {
      case 'delta':
        text += text.length < textMax ? event.text : ''
        continue
      case 'reasoning':
        continue
      case 'finish':
        finishReason = event.reason
        continue
      case 'usage': {
        const { type: _, ...usage } = event
        return { text: text.slice(0, textMax), isCut: text.length > textMax, finishReason, usage }
      }
      case 'error':
        throw new AppError(event.code, { detail: event.detail })
    }
  }
  throw new AppError('unavailable', { detail: 'The model ended without an answer. Ask again.' })
}
