import type { GrantOrigin } from '@hub/shared'
import { expect, test } from 'vitest'
import { describeGrant, describeGroups } from './people-words.ts'

const grant: GrantOrigin = {
  id: 'g',
  role: 'viewer',
  instanceId: null,
  namespaces: null,
  source: 'manual',
  endsAt: null,
  isActive: true,
  createdAt: null,
  createdBy: 'oidc:ada',
  createdByName: 'Ada',
  principal: null,
  file: null,
  mapping: null,
}
const mapping = { id: 'm', provider: 'entra', groupId: '0a1b', groupName: null }

test.each<[Partial<GrantOrigin>, string]>([
  [{}, 'Viewer on every instance, by oidc:ada'],
  [
    { source: 'group', role: 'deployer', instanceId: 'prod-east', mapping },
    'Deployer on prod-east, by the group 0a1b',
  ],
  [
    { source: 'group', mapping: { ...mapping, groupName: 'ML Engineers' } },
    'Viewer on every instance, by the group ML Engineers',
  ],
  [
    { source: 'config', role: 'admin', principal: 'oidc:ada' },
    'Administrator, by the configuration for oidc:ada',
  ],
  [{ source: 'request' }, 'Viewer on every instance, by a request that oidc:ada approved'],
])('%j: says what it is and who gave it', (change, words) => {
  expect(describeGrant({ ...grant, ...change })).toBe(words)
})

const groups = {
  state: 'fresh' as const,
  syncedAt: '2026-01-01T00:00:00Z',
  dropped: 0,
  isRefreshable: true,
}

test.each<[Partial<Parameters<typeof describeGroups>[0]['groups']>, string | null]>([
  [{}, null],
  [{ dropped: 1 }, '1 entry in its provider’s answer named no group and was left out.'],
  [
    { dropped: 2, isRefreshable: false },
    '2 entries in its provider’s answer named no group and were left out. Its groups can only be looked up when it signs in.',
  ],
  [
    { state: 'stale' },
    'Its groups could not be looked up last time; the groups known before count for a while.',
  ],
  [{ state: 'unknown', syncedAt: null }, null],
])('H21: says what is odd about groups: %j', (change, words) => {
  expect(describeGroups({ groups: { ...groups, ...change } })).toBe(words)
})
