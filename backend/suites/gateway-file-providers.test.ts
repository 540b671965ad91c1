import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AuditPage,
  GrantOriginList,
  GroupMappingList,
  OutsideProviderList,
  UserList,
} from '@hub/shared'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { describeGateway } from '../test/gateway.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

/** The file is looked at every second; a busy machine takes longer. */
const soon = { timeout: 30_000, interval: 50 }

/** A provider with one model, and whom it heard. */
async function startProvider(model: string) {
  const heard: { path: string; headers: IncomingHttpHeaders }[] = []
  const answerChat = (response: ServerResponse) => {
    const message = { role: 'assistant', content: `I am ${model}.` }
    response.end(JSON.stringify({ choices: [{ index: 0, message }] }))
  }
  const provider = { heard, url: '', answerChat, refuses: false, stop: () => server.close() }
  const server = createServer((request, response) => {
    heard.push({ path: request.url!, headers: request.headers })
    response.setHeader('content-type', 'application/json')
    if (provider.refuses) return response.writeHead(401).end('{}')
    if (request.url!.startsWith('/v1/models')) {
      return response.end(JSON.stringify({ data: [{ id: model, created: 1_700_000_000 }] }))
    }
    request.resume().on('end', () => provider.answerChat(response))
    return undefined
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  provider.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  return provider
}

let one: Awaited<ReturnType<typeof startProvider>>
let two: typeof one
let folder: string
const path = () => join(folder, 'access.yaml')
const write = (text: string) => writeFile(path(), text)
const none = 'providers: []\n'
const lab = (url: string, more = '') => `providers:\n  - { id: lab, url: "${url}"${more} }\n`
beforeAll(async () => {
  one = await startProvider('first-model')
  two = await startProvider('second-model')
  folder = await mkdtemp(join(tmpdir(), 'providers-'))
  await write(none)
})
afterAll(async () => {
  one.stop()
  two.stop()
  await rm(folder, { recursive: true })
})

describeGateway(
  'a gateway before providers of the configuration file',
  ({ issuer }) => ({
    HUB_ADMINS: 'oidc:root',
    HUB_CONFIG_FILE: path(),
    GATEWAY_PROVIDERS: `of-variable;${two.url}`,
    HUB_GRANTS: JSON.stringify([
      { principal: `service:viewer@${issuer}`, role: 'viewer' },
      { principal: `service:lab@${issuer}`, role: 'viewer', instanceId: 'lab' },
      { principal: `service:west@${issuer}`, role: 'viewer', instanceId: 'west' },
    ]),
  }),
  (at) => {
    const idsOf = async (who: string, query = '') => {
      const response = await at().call(`/v1/models${query}`, { headers: await at().as(who) })
      const { data } = (await response.json()) as { data: { id: string }[] }
      return data.map(({ id }) => id)
    }
    const ask = async (model: string) => {
      const messages = [{ role: 'user', content: 'Who are you?' }]
      const headers = await at().as('viewer')
      return await at().call('/v1/chat/completions', { headers, body: { model, messages } })
    }
    const administer = async () => {
      const admin = at().world.hub.browser()
      await admin.signIn('root')
      return admin
    }
    const adminOf = async () => {
      const admin = await administer()
      const read = async (url: string): Promise<unknown> => (await admin.get(url)).json()
      return {
        admin,
        read,
        providers: async () =>
          OutsideProviderList.parse(await read('/api/admin/outside-providers')).items.map(
            ({ id }) => id,
          ),
      }
    }
    beforeEach(async () => {
      one.refuses = false
      await write(none)
      await vi.waitFor(async () => expect(await idsOf('lab')).toEqual([]), soon)
    })

    test('one that is added is listed, called, and given roles on while the hub runs', async () => {
      const { admin, providers, read } = await adminOf()
      const ada = at().world.hub.browser()
      await ada.signIn('ada')
      const found = UserList.parse(await read('/api/admin/users?q=ada'))
      const userId = found.items[0]!.id
      const roles = `/api/admin/users/${userId}/roles`
      const role = { role: 'viewer', instanceId: 'lab' }
      expect(await providers()).toEqual(['of-variable'])
      expect((await admin.send('POST', roles, role)).status).toBe(404)
      expect((await ask('lab/first-model')).status).toBe(404)

      await writeFile(join(folder, 'lab.key'), 'key-of-lab\n')
      await write(lab(`${one.url}/`, ', keyFile: lab.key'))
      await vi.waitFor(async () => expect(await idsOf('lab')).toEqual(['lab/first-model']), soon)
      expect(await idsOf('viewer')).toEqual(
        expect.arrayContaining(['lab/first-model', 'of-variable/second-model', 'qwen3']),
      )
      expect(await idsOf('west')).not.toContain('lab/first-model')
      expect(await (await ask('lab/first-model')).text()).toContain('I am first-model.')
      expect(one.heard.at(-1)!.headers.authorization).toBe('Bearer key-of-lab')
      expect(await providers()).toEqual(['of-variable', 'lab'])
      expect((await admin.send('POST', roles, role)).status).toBe(201)

      const rows = async () =>
        AuditPage.parse(await read('/api/admin/audit?action=config-file.apply')).items
      await vi.waitFor(async () => {
        const [newest] = await rows()
        expect(newest?.after).toMatchObject({
          providers: [{ provider: 'lab', url: one.url, scheme: 'bearer', keyName: 'lab.key' }],
        })
      }, soon)
      const told = JSON.stringify(await rows()) + at().world.hub.lines.join()
      expect(told).not.toContain('key-of-lab')

      // A role outlives its provider as it does an instance, and nobody is given another.
      await write(none)
      await vi.waitFor(async () => expect(await providers()).toEqual(['of-variable']), soon)
      const { items } = GrantOriginList.parse(await read(roles))
      expect(items).toMatchObject([{ role: 'viewer', instanceId: 'lab' }])
      const mapping = { provider: 'oidc', groupId: 'ml', ...role }
      expect((await admin.send('POST', '/api/admin/group-mappings', mapping)).status).toBe(404)
      const why = await read(`/api/admin/effective-access?user=${userId}&instance=lab`)
      expect(JSON.stringify(why)).toContain('There is no instance \\"lab\\" in this hub.')
      expect((await admin.send('DELETE', `${roles}/${items[0]!.id}`)).status).toBe(204)
    })

    test('one that is changed is asked where it is now, with the key that it has now', async () => {
      await writeFile(join(folder, 'lab.key'), 'first')
      await write(lab(one.url, ', keyFile: lab.key'))
      await vi.waitFor(async () => expect(await idsOf('lab')).toEqual(['lab/first-model']), soon)
      await write(lab(two.url, ', keyFile: lab.key, scheme: x-api-key'))
      await vi.waitFor(async () => expect(await idsOf('lab')).toEqual(['lab/second-model']), soon)
      expect(await (await ask('lab/any')).text()).toContain('I am second-model.')
      expect(two.heard.at(-1)!.headers).toMatchObject({ 'x-api-key': 'first' })
      await writeFile(join(folder, 'lab.key'), 'second')
      await vi.waitFor(async () => {
        await ask('lab/any')
        expect(two.heard.at(-1)!.headers).toMatchObject({ 'x-api-key': 'second' })
      }, soon)
    })

    test('a call that is under way when it goes ends as it would, and no other begins', async () => {
      await write(lab(one.url))
      await vi.waitFor(async () => expect(await idsOf('lab')).toEqual(['lab/first-model']), soon)
      const held = Promise.withResolvers<ServerResponse>()
      const answer = one.answerChat
      one.answerChat = held.resolve
      try {
        const asked = ask('lab/first-model')
        const response = await held.promise
        await write(none)
        await vi.waitFor(async () => expect(await idsOf('lab')).toEqual([]), soon)
        expect((await ask('lab/first-model')).status).toBe(404)
        expect((await ask('first-model')).status).toBe(404)
        answer(response)
        expect(await (await asked).text()).toContain('I am first-model.')
      } finally {
        one.answerChat = answer
      }
    })

    test('a mistake changes nothing, and is shown where those of the file are', async () => {
      const { read } = await adminOf()
      await write(lab(one.url))
      await vi.waitFor(async () => expect(await idsOf('lab')).toEqual(['lab/first-model']), soon)
      await write(lab(one.url).replace('id: lab', 'id: of-variable'))
      const mistake = `HUB_CONFIG_FILE ${path()}, line 2, column 11: providers[0].id is "of-variable", as in GATEWAY_PROVIDERS; keep one of the two.`
      await vi.waitFor(async () => {
        const { configFile } = GroupMappingList.parse(await read('/api/admin/group-mappings'))
        expect(configFile?.mistakes).toEqual([mistake])
      }, soon)
      expect(await idsOf('lab')).toEqual(['lab/first-model'])
      expect(at().world.hub.lines.join('')).toContain('the one before counts')
    })

    test('who can do something about a refused key, or about its name, is told where it stands', async () => {
      const { read } = await adminOf()
      await writeFile(join(folder, 'lab.key'), 'key-of-lab')
      const east = lab(one.url, ', keyFile: lab.key').concat(
        `  - { id: east, url: "${one.url}" }\n`,
      )
      await write(east)
      await vi.waitFor(async () => expect(await idsOf('lab')).toEqual(['lab/first-model']), soon)
      one.refuses = true
      const refused = await ask('lab/first-model')
      expect(refused.status).toBe(502)
      expect(await refused.text()).toContain('An administrator has to replace lab.key.')
      expect(await read('/api/instances/east/health')).toMatchObject({
        warnings: [
          expect.stringContaining(
            `or take the provider out of the configuration file ${path()}.`,
          ) as string,
        ],
      })
    })
  },
)
