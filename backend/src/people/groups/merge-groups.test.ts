import { describe, expect, test } from 'vitest'
import { mergeGroups, type Group, type KnownGroups } from './merge-groups.ts'

const earlier = new Date('2026-01-01T00:00:00Z')
const now = new Date('2026-01-02T00:00:00Z')
const group = (id: string, name: string | null = null): Group => ({ id, name })
const known: KnownGroups = {
  groups: [
    group('org:1', 'Acme'),
    group('team:1', 'Acme/platform'),
    group('org:2', 'acme-labs'),
    group('team:2', 'acme-labs/ml'),
  ],
  groupsState: 'fresh',
  groupsSyncedAt: earlier,
}

describe('mergeGroups', () => {
  test('a complete list replaces what was known, an empty one too', () => {
    for (const groups of [[group('a')], []]) {
      expect(mergeGroups(known, { groupsState: 'fresh', groups }, now)).toEqual({
        groups,
        groupsState: 'fresh',
        groupsSyncedAt: now,
      })
    }
  })

  test('unknown keeps what was known, stale, with its age', () => {
    expect(mergeGroups(known, { groupsState: 'unknown', groups: null, reason: null }, now)).toEqual(
      {
        groups: known.groups,
        groupsState: 'stale',
        groupsSyncedAt: earlier,
      },
    )
  })

  test('unknown where nothing was known stays unknown', () => {
    for (const nobody of [null, { groups: null, groupsState: 'unknown', groupsSyncedAt: null }]) {
      expect(
        mergeGroups(nobody, { groupsState: 'unknown', groups: null, reason: null }, now),
      ).toEqual({
        groups: null,
        groupsState: 'unknown',
        groupsSyncedAt: null,
      })
    }
  })

  test('a partial list keeps what is below the omitted parents, by whole names, and nothing else', () => {
    const merged = mergeGroups(
      known,
      {
        groupsState: 'stale',
        groups: [group('org:2', 'acme-labs')],
        omittedParents: ['org:1'],
        reason: null,
      },
      now,
    )
    expect(merged).toEqual({
      groups: [
        group('org:2', 'acme-labs'),
        group('org:1', 'Acme'),
        group('team:1', 'Acme/platform'),
      ],
      groupsState: 'stale',
      groupsSyncedAt: earlier,
    })
  })

  test('a partial list that does not say what it lacks keeps all', () => {
    const proven = {
      groupsState: 'stale',
      groups: [group('org:3')],
      omittedParents: null,
      reason: null,
    } as const
    const { groups } = mergeGroups(known, proven, now)
    expect(groups).toEqual([group('org:3'), ...known.groups!])
  })
})
