import type { LogEvent } from '@hub/shared'
import { useEffect, useReducer, useRef } from 'react'
import { followLogs } from './follow-logs.ts'
import { keepLines, type KeptLines, type LogLine } from './log-line.ts'

/** A log as a page has it. */
export interface LogState extends KeptLines {
  state: 'connecting' | 'open' | 'lost' | 'ended'
  /** Why nothing more comes; null while something may. */
  reason: string | null
  /** How each pod is that is not simply open, in the hub's words. */
  pods: ReadonlyMap<string, string>
  /** Left out by the hub, because more came than it passes on. */
  dropped: number
}

const linesMax = 20_000
// Lines of one moment are drawn together.
const drawEveryMs = 100

const empty: LogState = {
  lines: [],
  forgotten: 0,
  state: 'connecting',
  reason: null,
  pods: new Map(),
  dropped: 0,
}

type Step =
  | { type: 'begin' | 'open' | 'lost' }
  | { type: 'events'; events: readonly LogEvent[]; firstKey: number }

/** Follows the log at an address; another address begins anew. */
export function useLogs(address: string): LogState {
  const [log, dispatch] = useReducer(reduce, empty)
  const nextKey = useRef(0)
  useEffect(() => {
    let queue: LogEvent[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    const flush = () => {
      timer = undefined
      const events = queue
      queue = []
      dispatch({ type: 'events', events, firstKey: nextKey.current })
      nextKey.current += countLines(events)
    }
    dispatch({ type: 'begin' })
    const following = followLogs(address, {
      onOpen: () => dispatch({ type: 'open' }),
      onLost: () => {
        clearTimeout(timer)
        flush()
        dispatch({ type: 'lost' })
      },
      onEvent: (event) => {
        queue.push(event)
        timer ??= setTimeout(flush, drawEveryMs)
      },
    })
    return () => {
      clearTimeout(timer)
      following.close()
    }
  }, [address])
  return log
}

export function reduce(log: LogState, step: Step): LogState {
  switch (step.type) {
    case 'begin':
      return empty
    case 'open':
      return { ...log, state: 'open' }
    case 'lost':
      // An end that was told is more than a connection that broke after it.
      return log.state === 'ended' ? log : { ...log, state: 'lost' }
    case 'events':
      return addEvents(log, step.events, step.firstKey)
  }
}

function addEvents(log: LogState, events: readonly LogEvent[], firstKey: number): LogState {
  const more: LogLine[] = []
  const pods = new Map(log.pods)
  let { dropped, reason, state } = log
  for (const event of events) {
    switch (event.type) {
      case 'lines':
        for (const { at, text } of event.lines) {
          const { pod, container } = event
          more.push({ key: firstKey + more.length, pod, container: container ?? '', at, text })
        }
        break
      case 'pod':
        if (event.state === 'open') pods.delete(event.pod)
        else pods.set(event.pod, event.reason ?? event.state)
        break
      case 'dropped':
        dropped += event.lines
        break
      case 'end':
        state = 'ended'
        ;({ reason } = event)
        break
    }
  }
  return { ...log, ...keepLines(log, more, linesMax), pods, dropped, reason, state }
}

function countLines(events: readonly LogEvent[]): number {
  return events.reduce((sum, event) => sum + (event.type === 'lines' ? event.lines.length : 0), 0)
}
