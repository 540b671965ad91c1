import { createCertificateAuthority, issueServerCertificate, startApiServer } from '@hub/demo'
import { Instance, InstancePolicy, Problem, TemplateList } from '@hub/shared'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { selectAuditRows } from '../../audit/store.ts'
import { describeHub } from '../../../test/describe-hub.ts'
import { readEvents } from '../../../test/event-stream.ts'
import type { Browser } from '../../../test/hub.ts'

const soon = { timeout: 20_000, interval: 25 }
const collection = '/api/instances/prod/namespaces/default/deployments'
const model = { id: 'Qwen/Qwen3-8B' }
const open = {
  deployersMay: {
    overrides: true,
    podTemplate: true,
    secretReferences: true,
    images: true,
    trustRemoteCode: true,
  },
  imageRegistries: null,
  templatesOnly: false,
}

const direct = {
  url: 'https://{name}.{namespace}.models.example.com',
  hosts: ['*.models.example.com'],
}

describeHub(
  'what administrators say of an instance',
  async ({ defer }) => {
    const cluster = await startApiServer()
    defer(() => cluster.stop())
    const kubeconfig = cluster.kubeconfig('client-certificate')
    return {
      env: {
        HUB_ADMINS: 'oidc:root',
        HUB_GRANTS: JSON.stringify([
          { principal: 'oidc:bob', role: 'deployer', instanceId: 'prod' },
          { principal: 'oidc:eve', role: 'viewer', instanceId: 'prod' },
        ]),
      },
      credentials: { prod: kubeconfig, other: kubeconfig },
    }
  },
  (world) => {
    let root: Browser
    let bob: Browser
    let eve: Browser
    let names = 0

    beforeAll(async () => {
      ;[root, bob, eve] = ['root', 'bob', 'eve'].map(() => world.hub.browser()) as [
        Browser,
        Browser,
        Browser,
      ]
      await root.signIn('root')
      await bob.signIn('bob')
      await eve.signIn('eve')
      await vi.waitFor(() => expect(world.hub.fleet.instanceState('prod').synced).toBe(true), soon)
    })

    const create = (who: Browser, body: object, query = '') =>
      who.send('POST', collection + query, { name: `d-${(names += 1)}`, ...body })
    const problemOf = async (response: Response) => Problem.parse(await response.json())
    const pointersOf = async (response: Response) => {
      const { code, errors } = await problemOf(response)
      return [code, ...(errors ?? []).map(({ pointer }) => pointer)]
    }
    const put = (who: Browser, path: string, body: object) => who.send('PUT', path, body)
    const auditOf = async (action: string) =>
      (await selectAuditRows(world.database.db, 200)).filter((row) => row.action === action)

    describe('policies', () => {
      const path = '/api/instances/prod/policy'
      const powerful = { spec: { model, provider: { overrides: { a: 1 } } } }

      test('the default holds until an administrator says otherwise, and again after that', async () => {
        const before = InstancePolicy.parse(await (await eve.get(path)).json())
        expect(before).toMatchObject({ source: 'default', changedBy: null, templatesOnly: false })
        expect(await pointersOf(await create(bob, powerful))).toEqual([
          'deployment-invalid',
          '/spec/provider/overrides',
        ])
        const said = InstancePolicy.parse(await (await put(root, path, open)).json())
        expect(said).toMatchObject({ ...open, source: 'manual', changedBy: 'oidc:root' })
        expect(InstancePolicy.parse(await (await eve.get(path)).json())).toEqual(said)
        expect((await create(bob, powerful)).status).toBe(201)
        const back = await root.send('DELETE', path)
        expect(InstancePolicy.parse(await back.json())).toEqual(before)
        expect((await create(bob, powerful)).status).toBe(422)
        const [put1] = await auditOf('instance-policy.put')
        expect(put1).toMatchObject({
          actor: 'oidc:root',
          target: { instance: 'prod' },
          after: open,
        })
        const [deleted] = await auditOf('instance-policy.delete')
        expect(deleted).toMatchObject({ before: open, after: null })
      })

      test('registries hold for everybody', async () => {
        const imageRegistries = ['registry.example.com/ml']
        await put(root, path, { ...open, imageRegistries })
        for (const who of [root, bob]) {
          const foreign = { spec: { model, engine: { image: 'docker.io/x/y:1' } } }
          expect(await pointersOf(await create(who, foreign))).toEqual([
            'deployment-invalid',
            '/spec/engine/image',
          ])
          const own = { spec: { model, engine: { image: 'registry.example.com/ml/vllm:1' } } }
          expect((await create(who, own, '?dryRun=All')).status).toBe(200)
        }
        await root.send('DELETE', path)
      })

      test('with templatesOnly a deployer needs a template, an administrator none', async () => {
        await put(root, path, { ...open, templatesOnly: true })
        const refused = await create(bob, { spec: { model } })
        expect(refused.status).toBe(422)
        const { detail, errors } = await problemOf(refused)
        expect(detail).toContain('start from a template')
        expect(errors).toEqual([{ pointer: '/template', detail: 'is required on this instance' }])
        expect((await create(root, { spec: { model } }, '?dryRun=All')).status).toBe(200)
        await root.send('DELETE', path)
      })

      test('the authority of its models is kept, audited and shown, and given back whole', async () => {
        const { certificate } = await createCertificateAuthority('models')
        const directModels = { ...direct, certificateAuthority: certificate }
        const answer = await put(root, path, { ...open, directModels })
        expect(InstancePolicy.parse(await answer.json()).directModels).toEqual(directModels)
        expect(InstancePolicy.parse(await (await eve.get(path)).json()).directModels).toEqual(
          directModels,
        )
        expect((await auditOf('instance-policy.put'))[0]?.after).toMatchObject({ directModels })
        await root.send('DELETE', path)
      })

      test('an authority that cannot be one is refused at its field, and nothing of it is repeated', async () => {
        const authority = await createCertificateAuthority('models')
        const former = await createCertificateAuthority('models', { lifetimeDays: 0 })
        const server = await issueServerCertificate(authority)
        for (const [certificateAuthority, words] of [
          ['models', 'must be certificates in PEM'],
          [authority.certificate + authority.privateKey, 'holds a private key'],
          [authority.certificate.repeat(200), 'at most 64 KiB'],
          [server.certificate, 'which is no authority'],
          [former.certificate, 'expired on'],
        ] as const) {
          const directModels = { ...direct, certificateAuthority }
          const refused = await put(root, path, { ...open, directModels })
          expect(refused.status).toBe(400)
          const text = await refused.text()
          expect(text).not.toContain(authority.privateKey.slice(40, 80))
          expect(Problem.parse(JSON.parse(text)).errors).toEqual([
            {
              pointer: '/directModels/certificateAuthority',
              detail: expect.stringContaining(words) as string,
            },
          ])
        }
        const url = 'http://{name}.{namespace}.models.example.com'
        const directModels = { ...direct, url, certificateAuthority: authority.certificate }
        const plain = await put(root, path, { ...open, directModels })
        expect(await pointersOf(plain)).toEqual([
          'invalid-request',
          '/directModels/certificateAuthority',
        ])
      })

      test('deployers change none, and of an instance that they do not see they hear nothing', async () => {
        expect((await put(bob, path, open)).status).toBe(403)
        expect((await put(bob, '/api/instances/other/policy', open)).status).toBe(404)
        expect((await eve.get('/api/instances/other/policy')).status).toBe(404)
        const wrong = await put(root, path, { ...open, imageRegistries: ['HTTP://x'] })
        expect(await pointersOf(wrong)).toEqual(['invalid-request', '/imageRegistries/0'])
      })
    })

    describe('maintenance', () => {
      const path = '/api/instances/prod/maintenance'
      const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString()

      test('closes an instance for what is new and for nothing else, live, until its end', async () => {
        const made = await create(bob, { spec: { model } })
        const { name } = (await made.json()) as { name: string }
        const stream = readEvents(await eve.get('/api/stream'))
        const until = inMinutes(3)
        const closed = await put(root, path, { reason: 'New driver.', until })
        expect(closed.status).toBe(200)
        await vi.waitFor(() => {
          const told = stream.events.flatMap((each) =>
            each.type === 'instance' ? [each.instance] : [],
          )
          expect(told.at(-1)?.maintenance).toMatchObject({
            reason: 'New driver.',
            until,
            by: 'oidc:root',
          })
        }, soon)
        await stream.close()
        for (const query of ['', '?dryRun=All']) {
          for (const who of [bob, root]) {
            const refused = await create(who, { spec: { model } }, query)
            expect(refused.status).toBe(409)
            const { code, detail } = await problemOf(refused)
            expect(code).toBe('instance-closed')
            expect(detail).toMatch(/until .* UTC: New driver\. Deploy to another instance/)
          }
        }
        expect((await eve.get(`${collection}/${name}`)).status).toBe(200)
        expect((await bob.send('DELETE', `${collection}/${name}`)).status).toBe(202)
        world.hub.advance(4 * 60_000)
        const after = Instance.parse(await (await eve.get('/api/instances/prod')).json())
        expect(after.maintenance).toBeNull()
        expect((await create(bob, { spec: { model } }, '?dryRun=All')).status).toBe(200)
        const again = inMinutes(60)
        expect((await put(root, path, { reason: 'Again.', until: again })).status).toBe(200)
        expect((await create(bob, { spec: { model } }, '?dryRun=All')).status).toBe(409)
        expect((await root.send('DELETE', path)).status).toBe(204)
        expect((await create(bob, { spec: { model } }, '?dryRun=All')).status).toBe(200)
        expect(await auditOf('instance.close')).toHaveLength(2)
        expect(await auditOf('instance.open')).toMatchObject([
          { before: { reason: 'Again.', until: again } },
        ])
      })

      test('an end that has passed or is years away is refused at the field, and so is a deployer', async () => {
        for (const until of [inMinutes(-1), inMinutes(400 * 24 * 60)]) {
          expect(await pointersOf(await put(root, path, { reason: 'x', until }))).toEqual([
            'invalid-request',
            '/until',
          ])
        }
        expect((await put(bob, path, { reason: 'x', until: inMinutes(1) })).status).toBe(403)
        expect((await bob.send('DELETE', path)).status).toBe(403)
      })
    })

    describe('templates', () => {
      const template = {
        id: 'blessed',
        title: 'Qwen on one GPU',
        instanceIds: ['prod', 'other'],
        spec: {
          model,
          engine: { type: 'vllm', args: { a: '1' } },
          provider: { overrides: { spec: { x: 1 } } },
          env: [{ name: 'TOKEN', value: 'hunter2-value' }],
        },
        open: ['/scaling/replicas', '/engine/args'],
      }

      test('a deployer deploys what one sets, and changes what it leaves open', async () => {
        expect((await root.send('POST', '/api/admin/templates', template)).status).toBe(201)
        expect(await pointersOf(await root.send('POST', '/api/admin/templates', template))).toEqual(
          ['conflict'],
        )
        const listed = TemplateList.parse(await (await bob.get('/api/templates')).json())
        expect(listed.items).toMatchObject([{ id: 'blessed', instanceIds: ['prod'] }])
        expect(await (await eve.get('/api/templates')).json()).toEqual({ items: [] })
        const spec = { scaling: { replicas: 3 }, engine: { type: 'vllm', args: { b: '2' } } }
        const answer = await create(bob, { name: 'from-template', template: 'blessed', spec })
        expect(answer.status).toBe(201)
        const { replicas } = (await answer.json()) as { replicas: { desired: number } }
        expect(replicas.desired).toBe(3)
        const rows = (await auditOf('deployment.create')).filter(
          ({ target }) => target?.['name'] === 'from-template',
        )
        expect(rows[0]?.after).toMatchObject({
          template: 'blessed',
          spec: { engine: { args: { a: '1', b: '2' } }, provider: template.spec.provider },
        })
        expect(JSON.stringify(await selectAuditRows(world.database.db, 500))).not.toContain(
          'hunter2',
        )
      })

      test('and nothing else, unless it says the same', async () => {
        const spec = { model: { id: 'other/model' }, engine: { image: 'x/y' } }
        const refused = await create(bob, { template: 'blessed', spec })
        expect(await pointersOf(refused)).toEqual([
          'deployment-invalid',
          '/spec/model/id',
          '/spec/engine/image',
        ])
        const unknown = await create(bob, { template: 'none', spec: {} })
        expect(await pointersOf(unknown)).toEqual(['deployment-invalid', '/template'])
      })

      test('where images have to come from a registry, those of templates do too', async () => {
        const path = '/api/instances/prod/policy'
        const withImage = { ...template.spec, engine: { image: 'docker.io/x/y' } }
        const other = { ...template, id: 'foreign', spec: withImage }
        expect((await root.send('POST', '/api/admin/templates', other)).status).toBe(201)
        await put(root, path, { ...open, imageRegistries: ['registry.example.com'] })
        expect(await pointersOf(await create(bob, { template: 'foreign' }))).toEqual([
          'deployment-invalid',
          '/spec/engine/image',
        ])
        await root.send('DELETE', path)
      })

      test('one is replaced and removed by its id, which stays', async () => {
        const path = '/api/admin/templates/blessed'
        expect(await pointersOf(await put(root, path, { ...template, id: 'x' }))).toEqual([
          'invalid-request',
          '/id',
        ])
        const wrong = { ...template, open: ['/env/0/value', '/modle', '/engine/args/any'] }
        expect(await pointersOf(await put(root, path, wrong))).toEqual([
          'invalid-request',
          '/open/0',
          '/open/1',
        ])
        expect((await put(root, path, { ...template, open: [] })).status).toBe(200)
        const spec = { scaling: { replicas: 2 } }
        expect((await create(bob, { template: 'blessed', spec })).status).toBe(422)
        expect((await root.send('DELETE', path)).status).toBe(204)
        expect((await root.send('DELETE', path)).status).toBe(404)
        expect((await bob.send('DELETE', path)).status).toBe(403)
      })
    })
  },
)
