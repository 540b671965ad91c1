import { deploymentStates } from '@hub/shared'
import { expect, test } from 'vitest'
import { describeLastState, describeState } from './state-words.ts'

const replicas = { desired: 2, ready: 1, available: 1, running: 1 } as const

test.each(deploymentStates)('%s has words of its own', (state) => {
  expect(describeState({ state, replicas }).words).not.toBe('')
})

test('what matters of replicas is said', () => {
  expect(describeState({ state: 'partly-running', replicas }).words).toBe('Partly running, 1 of 2')
  const none = { desired: 0, ready: 0, available: 0, running: 0 }
  expect(describeState({ state: 'running', replicas: none })).toEqual({
    words: 'Scaled to 0',
    tone: 'neutral',
  })
})

test('nothing that is old is green', () => {
  expect(describeLastState({ state: 'running', replicas })).toEqual({
    words: 'Last known: Running',
    tone: 'neutral',
  })
})
