import { describe, expect, test } from 'vitest'
import { askUsage } from './ask-usage.ts'
import { followAnswer } from './follow-answer.ts'

const event = (data: unknown) => `data: ${JSON.stringify(data)}\n\n`
const chunk = (content: string) => event({ choices: [{ delta: { content } }], usage: null })
const usage = { prompt_tokens: 7, completion_tokens: 3 }
const last = event({ choices: [], usage })
const done = 'data: [DONE]\n\n'

/** What comes out of a follower that is given a text in pieces of some bytes. */
function pass(
  text: string,
  options: { isAdded?: boolean; isEvents?: boolean; bytes?: number } = {},
) {
  const { bytes = 1_000_000, isAdded = false, isEvents = true } = options
  const follower = followAnswer({ isAdded, isEvents })
  const given = Buffer.from(text)
  const passed: Uint8Array[] = []
  for (let from = 0; from < given.byteLength; from += bytes) {
    passed.push(follower.push(given.subarray(from, from + bytes)))
  }
  passed.push(follower.end())
  const read = { usage: follower.usage(), isWhole: follower.isWhole() }
  return { text: Buffer.concat(passed).toString('utf8'), ...read }
}

describe('a stream of events', () => {
  test.each([1, 2, 3, 7, 64, 100_000])(
    'in pieces of %d bytes: the added event alone is gone',
    (bytes) => {
      const text = `: hello\n\n${chunk('Grüße 👋')}${chunk('"usage"')}${last}${done}`
      const passed = pass(text, { bytes, isAdded: true })
      expect(passed.text).toBe(text.replace(last, ''))
      expect(passed.usage).toEqual({ promptTokens: 7, completionTokens: 3 })
    },
  )

  test('what its client asked for stays, and every byte passes as it comes', () => {
    const text = chunk('a') + last + done
    const follower = followAnswer({ isAdded: false, isEvents: true })
    for (const byte of Buffer.from(text)) {
      expect(follower.push(Uint8Array.of(byte))).toEqual(Uint8Array.of(byte))
    }
    expect(follower.end()).toHaveLength(0)
    expect(follower.usage()).toEqual({ promptTokens: 7, completionTokens: 3 })
  })

  test('usage that comes with an answer is not taken out', () => {
    const text = event({ choices: [{ delta: {} }], usage }) + done
    expect(pass(text, { isAdded: true })).toMatchObject({
      text,
      usage: { promptTokens: 7, completionTokens: 3 },
    })
  })

  test('carriage returns end events too', () => {
    const text = (chunk('a') + last + done).replaceAll('\n', '\r\n')
    expect(pass(text, { isAdded: true, bytes: 5 }).text).toBe(
      (chunk('a') + done).replaceAll('\n', '\r\n'),
    )
  })

  test.each([10, 1_000, 100_000])(
    'an event that is too long passes unread (%d bytes at once)',
    (bytes) => {
      const text = chunk('x'.repeat(200_000)) + chunk('b') + last + done
      const passed = pass(text, { bytes, isAdded: true })
      expect(passed.text).toBe(text.replace(last, ''))
    },
  )

  test.each([100, 1_000, 60_000])(
    'one whose last event is long is whole once that has ended, and tells what it cost (%d bytes at once)',
    (bytes) => {
      const answer = { output: 'x'.repeat(200_000), usage: { input_tokens: 4, output_tokens: 6 } }
      const text = event({ type: 'response.completed', response: answer })
      const told = { promptTokens: 4, completionTokens: 6 }
      expect(pass(text, { bytes })).toEqual({ text, isWhole: true, usage: told })
      expect(pass(text.slice(0, -1), { bytes }).isWhole).toBe(false)
      const chat = { choices: [{ delta: 'x'.repeat(200_000), finish_reason: 'stop' }] }
      expect(pass(event(chat), { bytes }).isWhole).toBe(true)
      expect(pass(chunk('x'.repeat(200_000)), { bytes }).isWhole).toBe(false)
    },
  )

  test('what keeps a connection open is no token, and how an answer begins is not what it cost', () => {
    const start = {
      type: 'message_start',
      message: { usage: { input_tokens: 5, output_tokens: 1 } },
    }
    const text = `: wait\n\n${event(start)}: wait\n\n${event({}).repeat(3)}`
    expect(pass(text)).toMatchObject({
      isWhole: false,
      usage: { promptTokens: 5, completionTokens: 4 },
    })
  })

  test('one that is left or broken off counts its events, and half an event is not passed', () => {
    const follower = followAnswer({ isAdded: true, isEvents: true })
    const passed = follower.push(Buffer.from(chunk('a') + chunk('b') + 'data: {"cho'))
    expect(Buffer.from(passed).toString()).toBe(chunk('a') + chunk('b'))
    expect(follower.usage()).toEqual({ promptTokens: 0, completionTokens: 2 })
  })

  test("Anthropic's and OpenAI's newer events tell theirs", () => {
    const start = {
      type: 'message_start',
      message: { usage: { input_tokens: 5, cache_read_input_tokens: 2, output_tokens: 1 } },
    }
    const delta = { type: 'message_delta', delta: {}, usage: { output_tokens: 9 } }
    expect(
      pass(`event: message_start\n${event(start)}event: message_delta\n${event(delta)}`).usage,
    ).toEqual({
      promptTokens: 7,
      completionTokens: 9,
    })
    const completed = {
      type: 'response.completed',
      response: { usage: { input_tokens: 4, output_tokens: 6 } },
    }
    expect(pass(event(completed)).usage).toEqual({ promptTokens: 4, completionTokens: 6 })
  })

  test('garbage passes', () => {
    const text = 'data: {"usage"\n\n\n\n\0data:"usage"\n\n'
    expect(pass(text, { isAdded: true, bytes: 3 }).text).toBe(text)
  })
})

describe('an answer', () => {
  test.each([
    ['chat', { choices: [], usage }, [7, 3]],
    ['embeddings', { data: [], usage: { prompt_tokens: 8, total_tokens: 8 } }, [8, 0]],
    ['rerank', { results: [], usage: { total_tokens: 11 } }, [11, 0]],
    [
      'messages',
      { usage: { input_tokens: 2, output_tokens: 3, cache_creation_input_tokens: 5 } },
      [7, 3],
    ],
    ['none', { choices: [] }, [0, 0]],
    ['nonsense', { usage: { prompt_tokens: -1, completion_tokens: 'many' } }, [0, 0]],
    ['too much', { usage: { prompt_tokens: 1e300, completion_tokens: 0 } }, [1e9, 0]],
  ])('of %s', (_, answer, [promptTokens, completionTokens]) => {
    const text = JSON.stringify(answer)
    const passed = pass(text, { isEvents: false, bytes: 3 })
    expect(passed.text).toBe(text)
    expect(passed.usage).toEqual({ promptTokens, completionTokens })
  })

  test('of a megabyte tells it at its end, and what a model wrote is no usage', () => {
    const content = `"usage": {"prompt_tokens": 1} ${'x'.repeat(1_000_000)} "usage": {"prompt_tokens": 2}`
    const text = JSON.stringify({
      choices: [{ message: { content } }],
      usage: { ...usage, details: { a: 1 } },
    })
    const passed = pass(text, { isEvents: false, bytes: 60_000 })
    expect(passed.text === text).toBe(true)
    expect(passed.usage).toEqual({ promptTokens: 7, completionTokens: 3 })
    const untold = JSON.stringify({ choices: [{ message: { content } }] })
    expect(pass(untold, { isEvents: false }).usage.promptTokens).toBe(0)
  })
})

describe('asking for the usage', () => {
  const chat = ['chat', 'completions']
  test('a stream is asked, with what else its client wants of it', () => {
    const body = { stream: true, stream_options: { continuous: true } }
    expect(askUsage(chat, body)).toEqual({
      set: { stream_options: { continuous: true, include_usage: true } },
      isAdded: true,
    })
  })

  test.each([
    ['no stream', chat, {}],
    ['asked already', chat, { stream: true, stream_options: { include_usage: true } }],
    ['options that are none', chat, { stream: true, stream_options: 'x' }],
    ['another protocol', ['messages'], { stream: true }],
  ])('%s: as it came', (_, path, body) => {
    expect(askUsage(path, body)).toEqual({ set: {}, isAdded: false })
  })
})
