import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startApiServer } from '@hub/demo'
import { InstancePolicy, Problem, TemplateList } from '@hub/shared'
import { beforeAll, expect, test, vi } from 'vitest'
import { selectAuditRows } from '../../audit/store.ts'
import { describeHub } from '../../../test/describe-hub.ts'
import type { Browser } from '../../../test/hub.ts'
import { defaultPolicy } from './find-refused.ts'

const soon = { timeout: 20_000, interval: 50 }
const input = {
  deployersMay: defaultPolicy.deployersMay,
  imageRegistries: null,
  templatesOnly: true,
  confirmAgents: true,
}
const template = {
  id: 'blessed',
  title: 'One',
  spec: { model: { id: 'a/b' }, env: [{ name: 'TOKEN', value: 'hunter2-value' }] },
  open: [],
}
let path: string

/** What the file left out. */
const defaults = { modelUse: 'viewers', directModels: null }

describeHub(
  'policies and templates of the configuration file',
  async ({ defer }) => {
    const folder = await mkdtemp(join(tmpdir(), 'configured-'))
    defer(() => rm(folder, { recursive: true }))
    path = join(folder, 'hub.yaml')
    await write([{ instance: 'prod', ...input }], [template])
    const cluster = await startApiServer()
    defer(() => cluster.stop())
    return {
      env: {
        HUB_ADMINS: 'oidc:root',
        HUB_CONFIG_FILE: path,
        HUB_GRANTS: JSON.stringify([{ principal: 'oidc:bob', role: 'deployer' }]),
      },
      credentials: { prod: cluster.kubeconfig('client-certificate') },
    }
  },
  (world) => {
    let root: Browser
    let bob: Browser

    beforeAll(async () => {
      ;[root, bob] = [world.hub.browser(), world.hub.browser()]
      await root.signIn('root')
      await bob.signIn('bob')
      await vi.waitFor(() => expect(world.hub.fleet.instanceState('prod').synced).toBe(true), soon)
    })

    const policy = async () =>
      InstancePolicy.parse(await (await bob.get('/api/instances/prod/policy')).json())
    const templates = async () =>
      TemplateList.parse(await (await bob.get('/api/templates')).json()).items
    const create = (body: object) =>
      bob.send('POST', '/api/instances/prod/namespaces/default/deployments?dryRun=All', {
        name: 'd',
        ...body,
      })

    test('hold, cannot be changed by the API, and follow the file', async () => {
      expect(await policy()).toMatchObject({ ...input, source: 'config', changedBy: null })
      expect(await templates()).toMatchObject([{ id: 'blessed', source: 'config' }])
      expect((await create({ spec: { model: { id: 'a/b' } } })).status).toBe(422)
      expect((await create({ template: 'blessed' })).status).toBe(200)
      for (const answer of [
        await root.send('PUT', '/api/instances/prod/policy', input),
        await root.send('DELETE', '/api/instances/prod/policy'),
        await root.send('POST', '/api/admin/templates', template),
        await root.send('PUT', '/api/admin/templates/blessed', template),
        await root.send('DELETE', '/api/admin/templates/blessed'),
      ]) {
        expect(answer.status).toBe(409)
        expect(Problem.parse(await answer.json()).detail).toContain(
          `is set in the configuration file ${path} (HUB_CONFIG_FILE)`,
        )
      }
      const other = { ...template, id: 'by-hand' }
      expect((await root.send('POST', '/api/admin/templates', other)).status).toBe(201)
      expect((await templates()).map(({ id, source }) => `${id} ${source}`)).toEqual([
        'blessed config',
        'by-hand manual',
      ])

      await write([], [])
      await vi.waitFor(async () => expect((await policy()).source).toBe('default'), soon)
      expect((await templates()).map(({ id }) => id)).toEqual(['by-hand'])
      expect((await create({ spec: { model: { id: 'a/b' } } })).status).toBe(200)
      await vi.waitFor(async () => {
        const rows = (await selectAuditRows(world.database.db, 100)).filter(
          ({ action }) => action === 'config-file.apply',
        )
        expect(
          rows.map(({ after, before }) => [before?.['policies'], after?.['policies']]),
        ).toEqual([
          [[{ instance: 'prod', ...input, ...defaults }], undefined],
          [undefined, [{ instance: 'prod', ...input, ...defaults }]],
        ])
        expect(rows[1]?.after).toMatchObject({ templates: [{ template: 'blessed', title: 'One' }] })
        expect(JSON.stringify(rows)).not.toContain('hunter2')
      }, soon)
    })
  },
)

/** YAML has JSON in it. */
function write(policies: object[], templates: object[]): Promise<void> {
  return writeFile(path, JSON.stringify({ policies, templates }))
}
