import type { OidcProfile } from '@hub/shared'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { describeBinding } from './describe-binding.ts'
import { writeKubeconfig } from './write-kubeconfig.ts'

const profile: OidcProfile = {
  issuer: 'https://id.example.com',
  clientId: 'kubernetes',
  usernameClaim: 'preferred_username',
  usernamePrefix: '-',
  groupsClaim: null,
  groupsPrefix: null,
  extraScopes: [],
  needsSecret: false,
  server: null,
  changedAt: '2026-11-28T12:00:00.000Z',
  changedBy: null,
  source: 'manual',
}
const endpoint = { server: 'https://10.0.0.1:6443', ca: null, tlsServerName: null }

test.each(['no', 'y', '0b11'])(
  'an instance, a namespace and a person that are called %s are so to kubectl, by YAML 1.1',
  (name) => {
    const { kubeconfig } = writeKubeconfig(name, profile, endpoint)
    expect(parse(kubeconfig, { version: '1.1' })).toMatchObject({
      clusters: [{ name }],
      contexts: [{ context: { cluster: name } }],
    })
    const { yaml } = describeBinding(profile, { user: name, role: 'view', namespace: name })
    expect(parse(yaml, { version: '1.1' })).toMatchObject({
      metadata: { namespace: name },
      subjects: [{ name }],
    })
  },
)
