import { beforeEach, expect, test, vi } from 'vitest'

beforeEach(() => vi.resetModules())

/** As a page has it that was just loaded. */
const load = () => import('./stream-position.ts')
const answer = (position?: string) =>
  new Headers(position === undefined ? {} : { 'stream-position': position })

test('a first stream begins where it stood before the first read, and no later one does', async () => {
  const { notePosition, takePosition } = await load()
  notePosition(answer())
  notePosition(answer('first'))
  notePosition(answer('later'))
  expect(takePosition()).toBe('first')
  expect(takePosition()).toBeNull()
  notePosition(answer('much later'))
  expect(takePosition()).toBeNull()
})

test('where the hub did not say it, what was read is read again', async () => {
  const { notePosition, takePosition } = await load()
  expect(takePosition()).toBeNull()
  notePosition(answer('too late'))
  expect(takePosition()).toBeNull()
})
