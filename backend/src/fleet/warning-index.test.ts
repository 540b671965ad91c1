import { describe, expect, it } from 'vitest'
import type { WarningFacts } from './read-warning.ts'
import { createWarningIndex, deploymentsOf } from './warning-index.ts'

describe('createWarningIndex', () => {
  it.each([
    ['ReplicaSet', 'llama-5d4f8b9c7'],
    ['ReplicaSet', 'llama-decode-5d4f8b9c7'],
    ['ReplicaSet', 'llama-vllmworker-db6b6891-5d4f8b9c7'],
    ['ReplicaSet', 'llama-vllmprefillworker-db6b6891-5d4f8b9c7'],
    ['ReplicaSet', 'llama-vllmdecodeworker-5d4f8b9c7'],
    ['StatefulSet', 'llama'],
    ['Job', 'llama-model-download'],
  ])('knows what a deployment made by its name: %s %s', (kind, name) => {
    const index = createWarningIndex()
    const warning = warningOf(kind, name)
    index.move(null, warning)
    expect(index.ofOwner('team-a', 'llama')).toEqual([warning])
    expect(index.ofOwner('team-a', 'llam')).toEqual([])
    expect(deploymentsOf(warning)).toContain('llama')
    index.move(warning, null)
    expect(index.ofOwner('team-a', 'llama')).toEqual([])
  })

  it.each([
    ['ReplicaSet', 'llama-2-5d4f8b9c7'],
    ['Pod', 'llama-5d4f8b9c7-x2x4z'],
  ])('takes nothing else for it: %s %s', (kind, name) => {
    const index = createWarningIndex()
    index.move(null, warningOf(kind, name))
    expect(index.ofOwner('team-a', 'llama')).toEqual([])
  })
})

function warningOf(kind: string, name: string): WarningFacts {
  return {
    namespace: 'team-a',
    about: { kind, name },
    reason: 'FailedCreate',
    message: 'exceeded quota',
    at: 0,
  }
}
