import { QueryClient } from '@tanstack/react-query'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { whenFirstShown } from './first-shown.ts'

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('requestAnimationFrame', (draw: () => void) => setTimeout(draw, 16))
  vi.stubGlobal('cancelAnimationFrame', clearTimeout)
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

/** A client that reads until it is answered. */
function startReading() {
  const client = new QueryClient()
  let answer = (_data: string) => {}
  const read = client.fetchQuery({
    queryKey: ['map'],
    queryFn: () => new Promise<string>((resolve) => (answer = resolve)),
  })
  return { client, read, answer: () => answer('data') }
}

test('goes once, after what is read first has been read and painted', async () => {
  const { answer, client, read } = startReading()
  const go = vi.fn<() => void>()
  whenFirstShown(client, go)
  await vi.advanceTimersByTimeAsync(500)
  expect(go).not.toHaveBeenCalled()
  answer()
  await read
  await Promise.resolve()
  expect(go).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(250)
  expect(go).toHaveBeenCalledOnce()
  await client.fetchQuery({ queryKey: ['more'], queryFn: () => 'more' })
  await vi.advanceTimersByTimeAsync(5_000)
  expect(go).toHaveBeenCalledOnce()
})

test('does not wait for what takes long', async () => {
  const go = vi.fn<() => void>()
  whenFirstShown(startReading().client, go)
  await vi.advanceTimersByTimeAsync(999)
  expect(go).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  expect(go).toHaveBeenCalledOnce()
})

test('does not go for who left meanwhile', async () => {
  const { answer, client, read } = startReading()
  const go = vi.fn<() => void>()
  const stop = whenFirstShown(client, go)
  answer()
  await read
  await Promise.resolve()
  stop()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(go).not.toHaveBeenCalled()
})
