import { describe, expect, it } from 'vitest'
import { ClusterError } from '#kube'
import { describeTrouble, type KindNow } from './describe-trouble.ts'
import { kinds, type Kind } from './kinds.ts'

const error = new ClusterError('forbidden', { message: 'events is forbidden' })

function failing(kind: Kind): KindNow {
  const state = { synced: false, known: false, covered: null, heardAt: null, error }
  return { kind, state, behindMs: 60_000 }
}

describe('describeTrouble', () => {
  it.each(['slices', 'claims', 'quotas', 'warnings'] as const)(
    'says nothing of an older credential that may not read %s',
    (kind) => {
      expect(describeTrouble('prod', [failing(kind)])).toBeNull()
    },
  )

  it('names every other kind that cannot be read', () => {
    const extras = new Set<Kind>(['slices', 'claims', 'quotas', 'warnings'])
    for (const kind of kinds) {
      if (extras.has(kind)) continue
      expect(describeTrouble('prod', [failing(kind)])).toMatch(/^The hub cannot read /)
    }
  })
})
