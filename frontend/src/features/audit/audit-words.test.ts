import type { AuditEvent } from '@hub/shared'
import { describe, expect, test } from 'vitest'
import { describeAction } from '../../lib/audit-actions.ts'
import {
  actionChoices,
  describeActor,
  describeTarget,
  listChanges,
  readDenial,
} from './audit-words.ts'

const row: AuditEvent = {
  seq: 1,
  occurredAt: '2026-11-22T12:00:00Z',
  actor: 'oidc:ada',
  userId: 'u',
  action: 'access.denied',
  outcome: 'denied',
  target: { instance: 'prod-east', namespace: 'ml-team', permission: 'deployment.create' },
  before: null,
  after: null,
  reason: null,
  requestId: 'r',
  ip: null,
  clusterAuditId: null,
  via: null,
  previousHash: null,
  hash: null,
}

test('somebody is shown by name, and by the principal alone where nobody knows a name', () => {
  expect(describeActor({ actor: 'oidc:ada', actorName: 'Ada Lovelace' })).toBe('Ada Lovelace')
  expect(describeActor({ actor: 'oidc:ada', actorName: null })).toBe('oidc:ada')
  expect(describeActor({ actor: 'system', actorName: null })).toBe('The hub')
  expect(describeActor({ actor: 'anonymous', actorName: null })).toBe('Not signed in')
})

describe('describeTarget', () => {
  test.each<[Partial<AuditEvent>, string]>([
    [{}, 'deployment.create on prod-east / ml-team'],
    [{ target: { instance: 'e', namespace: 'n', name: 'llama' } }, 'e / n / llama'],
    [{ target: { userId: 'u', principals: ['oidc:a', 'github:1'] } }, 'oidc:a, github:1'],
    [{ target: { mappingId: 'm' }, after: { groupName: 'ML', groupId: 'g' } }, 'ML'],
    [{ target: { mappingId: 'm' }, before: { groupName: null, groupId: 'g' } }, 'g'],
    [{ target: { permission: 'audit.view', instance: null } }, 'audit.view'],
    [{ target: { format: 'csv' } }, ''],
    [{ target: null }, ''],
  ])('%j: %s', (change, words) => {
    expect(describeTarget({ ...row, ...change })).toBe(words)
  })
})

describe('listChanges', () => {
  test('field by field, with what changed first', () => {
    expect(
      listChanges(
        { role: 'viewer', instanceId: null, old: 1 },
        { role: 'viewer', instanceId: 'prod-east', spec: { gpus: 2, names: ['a', 'b'] } },
      ),
    ).toEqual([
      { field: 'instanceId', before: 'none', after: 'prod-east' },
      { field: 'old', before: '1', after: null },
      { field: 'spec.gpus', before: null, after: '2' },
      { field: 'spec.names', before: null, after: 'a, b' },
      { field: 'role', before: 'viewer', after: 'viewer' },
    ])
    expect(listChanges(null, null)).toEqual([])
  })
})

describe('readDenial', () => {
  test('leads to the person, the place and the permission', () => {
    expect(readDenial(row)).toEqual({
      user: 'u',
      place: { instance: 'prod-east', namespace: 'ml-team', permission: 'deployment.create' },
    })
  })

  test.each<Partial<AuditEvent>>([
    { outcome: 'success' },
    { userId: null },
    { target: null },
    { target: { permission: 'fly' } },
  ])('%j: there is nothing to ask', (change) => {
    expect(readDenial({ ...row, ...change })).toBeNull()
  })
})

test('an action that this page does not know keeps its name, and can be filtered by', () => {
  expect(describeAction('moon.land')).toBe('moon.land')
  expect(actionChoices('moon.land').map(({ value }) => value)).toContain('moon.land')
  expect(actionChoices(undefined).map(({ value }) => value)).not.toContain('moon.land')
})
