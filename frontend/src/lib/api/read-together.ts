import { batchMax, type BatchAnswer } from '@hub/shared'
import type { HttpAnswer } from './problem.ts'

interface Asked {
  path: string
  signal: AbortSignal
  answer: (answer: HttpAnswer) => void
  fail: (error: unknown) => void
}

let asked: Asked[] = []

/** Reads with whatever else is read in the same moment: in one request, in which each has an answer of its own. */
export function readTogether(
  batchPath: string,
  path: string,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  return new Promise((answer, fail) => {
    asked.push({ path, signal, answer, fail })
    if (asked.length === 1) setTimeout(() => sendAll(batchPath))
  })
}

function sendAll(batchPath: string): void {
  const wanted = asked.filter(({ signal }) => !signal.aborted)
  for (const { fail, signal } of asked) if (signal.aborted) fail(signal.reason)
  asked = []
  for (let at = 0; at < wanted.length; at += batchMax) {
    void send(batchPath, wanted.slice(at, at + batchMax))
  }
}

async function send(batchPath: string, reads: readonly Asked[]): Promise<void> {
  const giveUp = new AbortController()
  for (const { fail, signal } of reads) {
    signal.addEventListener('abort', () => {
      fail(signal.reason)
      if (reads.every((each) => each.signal.aborted)) giveUp.abort()
    })
  }
  try {
    const [first, ...others] = reads
    const isAlone = others.length === 0
    const address = isAlone ? first!.path : addressOf(batchPath, reads)
    const response = await fetch(address, { signal: giveUp.signal })
    if (isAlone) return first!.answer(response)
    const body: unknown = await response.json().catch(() => null)
    for (const [index, { answer }] of reads.entries()) answer(answerOf(response, body, index))
  } catch (error) {
    for (const { fail } of reads) fail(error)
  }
}

function addressOf(batchPath: string, reads: readonly Asked[]): string {
  return `${batchPath}?${new URLSearchParams(reads.map(({ path }) => ['get', path])).toString()}`
}

/** What is refused or fails as a whole does so for each. */
function answerOf({ ok, status }: HttpAnswer, body: unknown, index: number): HttpAnswer {
  const own = ok ? (body as BatchAnswer | null)?.answers?.[index] : { status, body }
  if (!own) return { ok, status, json: () => Promise.reject(new SyntaxError('It is no batch.')) }
  return {
    ok: own.status >= 200 && own.status < 300,
    status: own.status,
    json: () => Promise.resolve(own.body),
  }
}
