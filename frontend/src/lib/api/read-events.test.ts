import { expect, test } from 'vitest'
import { readEvents } from './read-events.ts'

async function readAll(...chunks: string[]) {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk))
      controller.close()
    },
  })
  const events = []
  for await (const event of readEvents(body)) events.push(event)
  return events
}

test('events come whole, however their bytes are cut', async () => {
  expect(
    await readAll('event: outc', 'ome\ndata: {"a"', ':1}\n\nevent: end\r\ndata: {}\r\n\r\n'),
  ).toEqual([
    { type: 'outcome', data: '{"a":1}' },
    { type: 'end', data: '{}' },
  ])
})

test('comments are no events, and lines of data belong together', async () => {
  expect(await readAll(': still here\n\n', 'data: one\ndata: two\n\n')).toEqual([
    { type: 'message', data: 'one\ntwo' },
  ])
})
