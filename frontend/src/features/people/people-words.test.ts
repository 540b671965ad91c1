import type { GrantOrigin } from '@hub/shared'
import { expect, test } from 'vitest'
import { describeGrant } from './people-words.ts'

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
  principal: null,
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
