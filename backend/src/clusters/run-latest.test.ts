import { describe, expect, it } from 'vitest'
import { runLatest } from './run-latest.ts'

/** What is read only when the test lets it be. */
function holdReads() {
  const log: string[] = []
  const held: { key: string; finish: (error?: Error) => void }[] = []
  let content = 0
  const read = runLatest(async (key) => {
    const seen = content
    await new Promise<void>((resolve, reject) => {
      held.push({ key, finish: (error) => (error ? reject(error) : resolve()) })
    })
    log.push(`${key} ${seen}`)
  })
  return {
    log,
    held,
    read,
    change: () => void (content += 1),
    finish: async (error?: Error) => {
      held.shift()!.finish(error)
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

describe('runLatest', () => {
  it('reads a file that changes faster than it can be read as often as it can, and the last version of it last', async () => {
    const { change, finish, held, log, read } = holdReads()
    const asked = Array.from({ length: 100 }, () => {
      change()
      return read('a')
    })
    expect(held).toHaveLength(1)
    await finish()
    expect(held).toHaveLength(1)
    await finish()
    await Promise.all(asked)
    expect(held).toHaveLength(0)
    expect(log).toEqual(['a 1', 'a 100'])
  })

  it('one file waits for no other, and one that fails is read again for who asked meanwhile', async () => {
    const { finish, held, log, read } = holdReads()
    const first = read('a')
    const second = read('a')
    const other = read('b')
    expect(held.map(({ key }) => key)).toEqual(['a', 'b'])
    const failed = first.catch((error: Error) => error.message)
    await finish(new Error('no'))
    expect(await failed).toBe('no')
    await finish()
    await other
    await finish()
    await second
    expect(log).toEqual(['b 0', 'a 0'])
    const later = read('a')
    await finish()
    await later
  })
})
