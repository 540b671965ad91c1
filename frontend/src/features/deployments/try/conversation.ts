import type { ChatEvent, ChatMessage } from '@hub/shared'

type Usage = Omit<Extract<ChatEvent, { type: 'usage' }>, 'type'>

/** What one model said to one question. */
export interface Answer {
  state: 'coming' | 'done' | 'stopped' | 'failed'
  text: string
  reasoning: string
  /** As the model calls it; null while it is not known. */
  finish: string | null
  usage: Usage | null
  /** Why it failed. */
  problem: string | null
}

export interface Turn {
  id: number
  question: string
  /** By the key of the deployment. */
  answers: Readonly<Record<string, Answer>>
}

export type Step =
  | { type: 'ask'; id: number; question: string; of: readonly string[] }
  | { type: 'again'; id: number; of: string }
  | { type: 'event'; id: number; of: string; event: ChatEvent }
  | { type: 'end'; id: number; of: string; as: 'stopped' | 'failed'; problem?: string }
  | { type: 'clear' }

const begun: Answer = {
  state: 'coming',
  text: '',
  reasoning: '',
  finish: null,
  usage: null,
  problem: null,
}

export function converse(turns: readonly Turn[], step: Step): readonly Turn[] {
  switch (step.type) {
    case 'clear':
      return []
    case 'ask': {
      const answers = Object.fromEntries(step.of.map((key) => [key, begun]))
      return [...turns, { id: step.id, question: step.question, answers }]
    }
    case 'again':
      return change(turns, step, () => begun)
    case 'event':
      return change(turns, step, (answer) => take(answer, step.event))
    case 'end':
      return change(turns, step, (answer) =>
        answer.state === 'coming'
          ? { ...answer, state: step.as, problem: step.problem ?? null }
          : answer,
      )
  }
}

function change(
  turns: readonly Turn[],
  { id, of }: { id: number; of: string },
  make: (answer: Answer) => Answer,
): readonly Turn[] {
  return turns.map((turn) => {
    const answer = turn.answers[of]
    if (turn.id !== id || !answer) return turn
    return { ...turn, answers: { ...turn.answers, [of]: make(answer) } }
  })
}

/** What comes after it was stopped changes nothing. */
function take(answer: Answer, event: ChatEvent): Answer {
  if (answer.state !== 'coming') return answer
  switch (event.type) {
    case 'delta':
      return { ...answer, text: answer.text + event.text }
    case 'reasoning':
      return { ...answer, reasoning: answer.reasoning + event.text }
    case 'finish':
      return { ...answer, finish: event.reason }
    case 'usage': {
      const { type: _, ...usage } = event
      return { ...answer, usage, state: 'done' }
    }
    case 'error':
      return { ...answer, state: 'failed', problem: event.detail }
  }
}

/** What a model was asked before, and said: what it never answered is left out. */
export function recall(turns: readonly Turn[], key: string): ChatMessage[] {
  return turns.flatMap(({ answers, question }): ChatMessage[] => {
    const text = answers[key]?.text ?? ''
    if (text === '') return []
    return [
      { role: 'user', content: question },
      { role: 'assistant', content: text },
    ]
  })
}

export function isComing(turns: readonly Turn[]): boolean {
  return turns.some(({ answers }) => Object.values(answers).some(({ state }) => state === 'coming'))
}
