import type { World } from './benchmark.ts'
import { startWorker } from './worker.ts'

export type CallOptions = {
  url: string
  model: string
  /** Whose bearer, in turn. */
  tokens: readonly string[]
  seconds: number
  /** Whole answers: so many are asked a second, or by so many callers as fast as they are answered. */
  whole: { perSecond: number } | { callers: number }
  /** So many are open all the time. */
  streams: number
}
export type HoldOptions = Pick<CallOptions, 'url' | 'model' | 'tokens'> & { open: number }

export type CallResult = {
  latenciesMs: number[]
  /** Of streams of a model that answers at once: what lies before it. */
  firstBytesMs: number[]
  /** Of streams of a model that reads the prompt first, for so long as one of 70 billion parameters does. */
  firstTokensMs: number[]
  requests: number
  errors: number
  seconds: number
}

/** Callers of an OpenAI-compatible door, in a process of their own. */
export type ModelCallers = {
  /** A latency counts from when it was time to ask. */
  call(options: CallOptions): Promise<CallResult>
  /** Opens further streams that stay, until so many are; answers how many are. */
  hold(options: HoldOptions): Promise<number>
}

export function startModelCallers(world: World): ModelCallers {
  const ask = startWorker<CallResult | number>(world, './model-callers-worker.ts', 'The callers')
  return {
    call: async (options) => (await ask({ type: 'call', options })) as CallResult,
    hold: async (options) => (await ask({ type: 'hold', options })) as number,
  }
}
