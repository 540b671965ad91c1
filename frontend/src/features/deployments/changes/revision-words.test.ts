import { expect, test } from 'vitest'
import { describeAuthor, describeUnseen } from './revision-words.ts'

const revision = { generation: 2, at: '2026-03-01T12:00:00Z', spec: {} }

test.each([
  [{ by: 'oidc:ada', byName: 'Ada', manager: null, source: 'hub' as const }, 'Ada'],
  [{ by: 'oidc:ada', byName: null, manager: null, source: 'hub' as const }, 'oidc:ada'],
  [
    { by: null, byName: null, manager: 'kubectl-edit', source: 'cluster' as const },
    'kubectl-edit, past the hub',
  ],
  [{ by: null, byName: null, manager: null, source: 'cluster' as const }, 'past the hub'],
])('%j is by %s', (who, words) => {
  expect(describeAuthor({ ...revision, ...who })).toBe(words)
})

test('what was not seen is named', () => {
  expect(describeUnseen([])).toContain('saw all of these')
  expect(describeUnseen([3])).toContain('did not see generation 3: it was')
  expect(describeUnseen([3, 4])).toContain('generations 3, 4: they were')
})
