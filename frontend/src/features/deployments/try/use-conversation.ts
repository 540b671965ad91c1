import { useEffect, useReducer, useRef } from 'react'
import { describeError } from '../../../lib/api/problem.ts'
import type { DeploymentCoordinates } from '../queries.ts'
import { askModel } from './ask-model.ts'
import { writeInput, type ChatSettings } from './chat-settings.ts'
import { converse, recall, type Turn } from './conversation.ts'

export interface Conversation {
  turns: readonly Turn[]
  ask: (question: string, targets: readonly DeploymentCoordinates[]) => void
  /** Asks one of them the last question again. */
  askAgain: (turn: Turn, target: DeploymentCoordinates) => void
  stop: () => void
  clear: () => void
}

export function keyOf({ instance, namespace, name }: DeploymentCoordinates): string {
  return `${instance}/${namespace}/${name}`
}

/** Questions and what several models answer; nothing of it outlives the page. */
export function useConversation(settings: ChatSettings): Conversation {
  const [turns, dispatch] = useReducer(converse, [])
  const nextId = useRef(1)
  const running = useRef(new Set<AbortController>())
  const stop = () => {
    for (const each of running.current) each.abort()
  }
  useEffect(() => {
    const all = running.current
    return () => {
      for (const each of all) each.abort()
    }
  }, [])

  const run = async (
    { id, question }: Pick<Turn, 'id' | 'question'>,
    target: DeploymentCoordinates,
    earlier: readonly Turn[],
  ) => {
    const of = keyOf(target)
    const abort = new AbortController()
    running.current.add(abort)
    try {
      await askModel(target, writeInput(settings, recall(earlier, of), question), {
        onEvent: (event) => dispatch({ type: 'event', id, of, event }),
        signal: abort.signal,
      })
    } catch (error) {
      const end = abort.signal.aborted
        ? ({ as: 'stopped' } as const)
        : ({ as: 'failed', problem: describeError(error) } as const)
      dispatch({ type: 'end', id, of, ...end })
    } finally {
      running.current.delete(abort)
    }
  }

  return {
    turns,
    ask: (question, targets) => {
      const id = nextId.current
      nextId.current += 1
      dispatch({ type: 'ask', id, question, of: targets.map(keyOf) })
      for (const target of targets) void run({ id, question }, target, turns)
    },
    askAgain: (turn, target) => {
      dispatch({ type: 'again', id: turn.id, of: keyOf(target) })
      void run(turn, target, turns.slice(0, turns.indexOf(turn)))
    },
    stop,
    clear: () => {
      stop()
      dispatch({ type: 'clear' })
    },
  }
}
