import { describe, expect, test } from 'vitest'
import { announceAnswer, onAnswer, readAnswer, type ProviderAnswer } from './cluster-sign-in.ts'

describe('what a provider said in another tab', () => {
  test('is read from its address', () => {
    expect(readAnswer('?code=c%2F1&state=s&iss=https%3A%2F%2Fid')).toEqual({
      state: 's',
      code: 'c/1',
      iss: 'https://id',
    })
    expect(readAnswer('?error=access_denied&error_description=no')).toEqual({
      state: '',
      error: 'access_denied',
      errorDescription: 'no',
    })
  })

  test('goes to the tab that waits for this state, once, and to no other', async () => {
    const taken: ProviderAnswer[] = []
    const stop = [
      onAnswer('mine', (answer) => void taken.push(answer)),
      onAnswer('other', () => expect.unreachable()),
    ]
    expect(await announceAnswer('?state=mine&code=1')).toBe(true)
    expect(await announceAnswer('?state=mine&code=2')).toBe(true)
    expect(taken).toEqual([{ state: 'mine', code: '1' }])
    for (const end of stop) end()
  })

  test('that nobody waits for is said to be so', async () => {
    expect(await announceAnswer('?state=gone&code=1', 50)).toBe(false)
  })
})
