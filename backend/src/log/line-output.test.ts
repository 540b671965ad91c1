import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openLineOutput } from './line-output.ts'

type Answer = (error: NodeJS.ErrnoException | null, written: number) => void

/** Takes what is written when the test says so. */
function startReader() {
  const asked: { bytes: Buffer; answer: Answer }[] = []
  let taken = ''
  return {
    write: (_: number, bytes: Buffer, answer: Answer) => void asked.push({ bytes, answer }),
    waiting: () => asked.length,
    taken: () => taken,
    take(length = Infinity) {
      const { answer, bytes } = asked.shift()!
      const some = bytes.subarray(0, length)
      taken += some.toString()
      answer(null, some.length)
    },
    fail: (code: string) => asked.shift()!.answer(Object.assign(new Error(code), { code }), 0),
  }
}

test('lines arrive whole and in order, however little is taken at once', () => {
  const reader = startReader()
  const output = openLineOutput(1, { write: reader.write })
  for (const line of ['one\n', 'zwölf\n', 'three\n']) output.write(line)
  while (reader.waiting() > 0) reader.take(2)
  expect(reader.taken()).toBe('one\nzwölf\nthree\n')
})

test('what a reader that stands still does not take is bounded, and how much was lost is told', () => {
  const reader = startReader()
  const output = openLineOutput(1, { write: reader.write, bytesMax: 12 })
  for (let at = 0; at < 10; at += 1) output.write(`line${at}\n`)
  while (reader.waiting() > 0) reader.take()
  const [first, second, third, ...rest] = reader.taken().trimEnd().split('\n')
  expect([first, second, third]).toEqual(['line0', 'line1', 'line2'])
  expect(rest.map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({ level: 'warn', lines: 7 }),
  ])
  output.write('again\n')
  reader.take()
  expect(reader.taken()).toMatch(/again\n$/)
})

test('a disk that is full is tried again, and nothing is thrown', async () => {
  const reader = startReader()
  const output = openLineOutput(1, { write: reader.write })
  output.write('kept\n')
  reader.fail('ENOSPC')
  output.write('too\n')
  await expect.poll(() => reader.waiting(), { timeout: 20_000 }).toBe(1)
  reader.take()
  reader.take()
  expect(reader.taken()).toBe('kept\ntoo\n')
})

test('a reader that is gone is not written to again', async () => {
  const reader = startReader()
  const output = openLineOutput(1, { write: reader.write })
  output.write('lost\n')
  reader.fail('EPIPE')
  output.write('lost too\n')
  await delay(300)
  expect(reader.waiting()).toBe(0)
})

test('the end of the process waits for no reader that stands still', async () => {
  const reader = startReader()
  const output = openLineOutput(1, { write: reader.write })
  expect(await output.settle(5)).toBe(true)
  output.write('one\n')
  expect(await output.settle(5)).toBe(false)
  const settled = output.settle(20_000)
  reader.take()
  expect(await settled).toBe(true)
})
