import type { InstanceState } from '@hub/shared'
import { describe, expect, it } from 'vitest'
import type { ApiGroup } from '#kube'
import { isWanted, kinds, type Kind } from './kinds.ts'

const group: ApiGroup = 'airunway.ai'
const extras: Kind[] = ['quotas', 'warnings']
const plain: Kind[] = ['pods', 'nodes', 'namespaces', 'slices']

describe('isWanted', () => {
  it.each<[string, ApiGroup | null, InstanceState, object, Kind[]]>([
    [
      'all but claims of a cluster that is well',
      group,
      'ready',
      {},
      ['deployments', 'runtimes', ...plain, ...extras],
    ],
    ['claims where there are devices', group, 'degraded', { hasDevices: true }, [...kinds]],
    ['what needs no CRD where there is none', null, 'no-crd', {}, plain],
    ['nothing of a cluster that rests', null, 'degraded', { isWatched: true }, []],
    ['nothing of one that never answered', null, 'connecting', {}, []],
    [
      'what was watched on of one that fell silent',
      null,
      'unreachable',
      { isWatched: true },
      [...plain, 'claims'],
    ],
    [
      'all of one that is known and does not answer',
      group,
      'unreachable',
      {},
      ['deployments', 'runtimes', ...plain, ...extras],
    ],
  ])('watches %s', (_, apiGroup, state, now, expected) => {
    const status = { state, reason: null, since: '', lastSeenAt: null }
    const all = { hasDevices: false, isWatched: false, ...now }
    expect(kinds.filter((kind) => isWanted(kind, { apiGroup, status }, all))).toEqual(expected)
  })
})
