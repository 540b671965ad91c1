import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
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

test('merging leaves a kubeconfig that nobody else may read, whatever the umask', async () => {
  const home = await mkdtemp(join(tmpdir(), 'hub-merge-'))
  try {
    await mkdir(join(home, '.kube'))
    await writeFile(join(home, '.kube', 'config'), 'before', { mode: 0o600 })
    const merged = 'case "$2" in view) printf "%s" "$KUBECONFIG" ;; esac'
    await writeFile(join(home, 'kubectl'), `#!/bin/sh\n${merged}\n`, { mode: 0o755 })
    const { mergeCommand } = writeKubeconfig('prod', profile, endpoint)
    await promisify(execFile)('/bin/sh', ['-c', `umask 022; ${mergeCommand}`], {
      env: { HOME: home, PATH: `${home}:/usr/bin:/bin` },
    })
    const config = join(home, '.kube', 'config')
    expect((await stat(config)).mode & 0o777).toBe(0o600)
    expect(await readFile(config, 'utf8')).toBe(`${home}/.kube/config:${home}/.kube/prod-oidc.yaml`)
  } finally {
    await rm(home, { recursive: true, force: true })
  }
})
