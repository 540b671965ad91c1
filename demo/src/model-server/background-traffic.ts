import { observe, type ModelLoad } from './model-load.ts'

/** What others ask of a model meanwhile, as its metrics show it. */
export type BackgroundTraffic = {
  /** What came since it was last asked, or since a while before the first time. */
  pass(load: ModelLoad): void
  /** How many of them are being answered, and wait. */
  now(): { running: number; waiting: number }
}

const before = 120
const waveSeconds = 600

/** The same model has the same traffic at the same time: a wave of its own, with some noise. */
export function createBackgroundTraffic(name: string, clock = () => Date.now() / 1000) {
  const seed = Buffer.from(name).reduce((sum, byte) => (sum * 31 + byte) >>> 0, 7)
  const noise = (at: number) => {
    const mixed = Math.imul(Math.floor(at) ^ seed, 2_654_435_761) >>> 0
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
  const requestsPerSecond = (at: number) => {
    const wave = Math.sin(((at + (seed % waveSeconds)) / waveSeconds) * 2 * Math.PI)
    return (1 + (seed % 3)) * (1.2 + 0.8 * wave) * (0.7 + 0.6 * noise(at))
  }
  let passed = Math.floor(clock()) - before
  return {
    pass: (load) => {
      const until = Math.floor(clock())
      for (; passed < until; passed += 1) {
        for (let due = requestsPerSecond(passed); due > 0; due -= 1) {
          // What is left of a request comes as often as its share.
          if (due < 1 && noise(passed * 3) > due) break
          answerOne(load, (salt) => noise(passed * 7 + due * 1000 + salt))
        }
      }
    },
    now: () => {
      const at = clock()
      const running = Math.round(requestsPerSecond(at) * 4)
      return { running: Math.min(16, running), waiting: Math.max(0, running - 16) }
    },
  } satisfies BackgroundTraffic
}

/** A prompt of some hundred tokens and an answer of about as many, at the pace of a GPU. */
function answerOne(load: ModelLoad, random: (salt: number) => number): void {
  const prompt = Math.round(80 + 900 * random(1) ** 2)
  const answer = Math.round(20 + 380 * random(2))
  const firstToken = 0.03 + 0.12 * random(3) ** 2 + (random(4) > 0.96 ? 0.6 : 0)
  const interToken = 0.012 + 0.02 * random(5) ** 2
  load.promptTokens += prompt
  load.generatedTokens += answer
  load.prefixQueries += prompt
  load.prefixHits += Math.round(prompt * (0.25 + 0.5 * random(6)))
  load.finished[random(7) > 0.985 ? 'abort' : random(8) > 0.9 ? 'length' : 'stop'] += 1
  observe(load.firstToken, firstToken)
  observe(load.interToken, interToken, answer - 1)
  observe(load.whole, firstToken + interToken * answer)
}
