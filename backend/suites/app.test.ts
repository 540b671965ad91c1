import { createHash } from 'node:crypto'
import { beforeAll, expect, test, vi } from 'vitest'
import { selectAuditRows } from '#audit'
import { readVersion } from '#config'
import { describeHub } from '../test/describe-hub.ts'
import { hubOrigin, type Browser } from '../test/hub.ts'

const deployments = '/api/instances/prod-east/namespaces/ml-team/deployments'
const valid = { name: 'llama', spec: { model: { id: 'meta-llama/Llama-3.1-8B-Instruct' } } }

describeHub(
  'the HTTP surface',
  {
    env: {
      HUB_GRANTS: JSON.stringify([
        {
          principal: 'oidc:bob',
          role: 'deployer',
          instanceId: 'prod-east',
          namespaces: ['ml-team'],
        },
        { principal: 'oidc:eve', role: 'viewer', instanceId: 'prod-east' },
      ]),
    },
  },
  (world) => {
    let deployer: Browser

    beforeAll(async () => {
      deployer = world.hub.browser()
      await deployer.signIn('bob')
    })

    const problemOf = async (response: Response) => {
      expect(response.headers.get('content-type')).toBe('application/problem+json')
      return (await response.json()) as Record<string, unknown>
    }
    const post = (headers: Record<string, string>, body: string | Uint8Array<ArrayBuffer>) =>
      deployer.request(deployments, { method: 'POST', headers, body })
    const json = { 'content-type': 'application/json' }

    test('#33 403 for a viewer who creates or deletes, with a row in the audit log and nothing else', async () => {
      const viewer = world.hub.browser()
      await viewer.signIn('eve')
      for (const send of [
        () => viewer.send('POST', deployments, valid),
        () => viewer.send('DELETE', `${deployments}/llama`),
      ]) {
        const response = await send()
        expect(response.status).toBe(403)
        const problem = await problemOf(response)
        expect(problem).toMatchObject({ code: 'forbidden', status: 403 })
        const [row] = await selectAuditRows(world.database.db, 1)
        expect(row).toMatchObject({
          action: 'access.denied',
          outcome: 'denied',
          actor: 'oidc:eve',
          requestId: problem['requestId'],
          target: { instance: 'prod-east', namespace: 'ml-team' },
        })
      }
    })

    test('#33 403 in another namespace, whether or not anything is there', async () => {
      const path = deployments.replace('ml-team', 'secret-team')
      const answers = await Promise.all([
        deployer.get(`${path}/one`),
        deployer.get(`${path}/two`),
        deployer.send('POST', path, valid),
      ])
      expect(answers.map(({ status }) => status)).toEqual([403, 403, 403])
    })

    test('404 for an instance without a grant, identical to one that is not there', async () => {
      const bodies = await Promise.all(
        ['prod-west', 'no-such'].map(async (instance) => {
          const response = await deployer.get(`/api/instances/${instance}`)
          const { instance: _, requestId: __, ...problem } = await problemOf(response)
          return JSON.stringify({ status: response.status, problem }).replaceAll(instance, '…')
        }),
      )
      expect(bodies[0]).toBe(bodies[1])
      expect(bodies[0]).toContain('"status":404')
    })

    test('lists are empty, not errors, for somebody without access', async () => {
      const nobody = world.hub.browser()
      await nobody.signIn('nobody')
      for (const path of ['/api/instances', '/api/deployments']) {
        const response = await nobody.get(path)
        expect([path, response.status]).toEqual([path, 200])
        expect(await response.json()).toMatchObject({ items: [] })
      }
    })

    test.each([
      ['cross-site', { 'sec-fetch-site': 'cross-site' }],
      ['same-site', { 'sec-fetch-site': 'same-site' }],
      ['none', { 'sec-fetch-site': 'none' }],
      [
        'a foreign Origin without Fetch Metadata',
        { 'sec-fetch-site': '', origin: 'https://evil.example.com' },
      ],
      ['neither', { 'sec-fetch-site': '' }],
    ])('#22 403 for a write from %s', async (_name, headers) => {
      const cookie = [...deployer.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const sent = new Headers({ ...headers, ...json, cookie, host: new URL(hubOrigin).host })
      if (sent.get('sec-fetch-site') === '') sent.delete('sec-fetch-site')
      const response = await world.hub.app.request(`${hubOrigin}${deployments}`, {
        method: 'POST',
        headers: sent,
        body: JSON.stringify(valid),
      })
      expect(response.status).toBe(403)
      expect(await problemOf(response)).toMatchObject({ code: 'csrf' })
    })

    test('#22 our own Origin is enough where the browser sends no Fetch Metadata', async () => {
      const response = await world.hub.app.request(`${hubOrigin}/api/auth/logout`, {
        method: 'POST',
        headers: { origin: hubOrigin, host: new URL(hubOrigin).host },
      })
      expect(response.status).toBe(200)
    })

    test('#23 a preflight from elsewhere gets no CORS header', async () => {
      const response = await world.hub.app.request(`${hubOrigin}${deployments}`, {
        method: 'OPTIONS',
        headers: { origin: 'https://evil.example.com', 'access-control-request-method': 'POST' },
      })
      expect(
        [...response.headers.keys()].filter((name) => name.startsWith('access-control')),
      ).toEqual([])
    })

    test('413 for a body over the limit, declared or not', async () => {
      const large = JSON.stringify({ ...valid, padding: 'x'.repeat(1024 * 1024) })
      expect(await problemOf(await post(json, large))).toMatchObject({
        status: 413,
        code: 'body-too-large',
      })
    })

    test.each([
      ['{"name": "llama", ', 400, 'invalid-json'],
      ['', 400, 'invalid-request'],
      ['[]', 400, 'invalid-request'],
      ['null', 400, 'invalid-request'],
      ['"text"', 400, 'invalid-request'],
      [`${'['.repeat(70)}${']'.repeat(70)}`, 400, 'invalid-json'],
    ])('the body %s gets %i %s', async (body, status, code) => {
      expect(await problemOf(await post(json, body))).toMatchObject({ status, code })
    })

    test('400 for a body that is not UTF-8, 415 for one that is not JSON', async () => {
      expect(await problemOf(await post(json, new Uint8Array([0x22, 0xff, 0x22])))).toMatchObject({
        code: 'invalid-json',
      })
      const form = { 'content-type': 'application/x-www-form-urlencoded' }
      expect(await problemOf(await post(form, 'name=llama'))).toMatchObject({ status: 415 })
    })

    test.each([
      [{ ...valid, spec: { ...valid.spec, sepc: 1 } }, '/spec/sepc', 'unknown field'],
      [
        { ...valid, spec: { model: { id: 'x', overrides: {} } } },
        '/spec/model/overrides',
        'unknown field',
      ],
      [
        { ...valid, spec: { ...valid.spec, provider: { name: 'vllm', override: {} } } },
        '/spec/provider/override',
        'unknown field',
      ],
      [{ ...valid, spec: { ...valid.spec, engine: { type: 'tgi' } } }, '/spec/engine/type', 'vllm'],
      [{ ...valid, name: 'Bad_Name' }, '/name', 'lower-case'],
      [{ spec: valid.spec }, '/name', 'is required'],
      [{ name: 'llama' }, '/spec/model/id', 'is required'],
      [
        { ...valid, spec: { ...valid.spec, scaling: { replicas: 1.5 } } },
        '/spec/scaling/replicas',
        'int',
      ],
    ])('400 for %j, pointing at %s', async (body, pointer, detail) => {
      const response = await deployer.send('POST', deployments, body)
      expect(await problemOf(response)).toMatchObject({
        status: 400,
        code: 'invalid-request',
        errors: [{ pointer, detail: expect.stringContaining(detail) }],
      })
    })

    test.each([
      '/api/instances/..%2f',
      '/api/instances/PROD',
      '/api/deployments?instance=*',
      '/api/deployments?namespaec=x',
    ])('400 for %s, naming the parameter', async (path) => {
      expect(await problemOf(await deployer.get(path))).toMatchObject({
        status: 400,
        code: 'invalid-request',
      })
    })

    test.each([
      ['/livez', 200, null],
      ['/readyz', 200, null],
      ['/version', 200, null],
      ['/api/nothing/here', 404, 'no-store'],
      ['/api/auth/me', 200, 'no-store'],
      ['/api/instances', 200, 'no-store'],
      ['/api/deployments', 200, 'private, no-cache'],
      ['/api/deployments?limit=0', 400, 'no-store'],
    ])('%s answers %i with the security headers of every answer', async (path, status, caching) => {
      const response = await deployer.get(path)
      expect(response.status).toBe(status)
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'cross-origin-resource-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
        'referrer-policy': path.startsWith('/api/') ? 'no-referrer' : 'same-origin',
        'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
        ...(caching !== null && { 'cache-control': caching }),
      })
    })

    test('405 with Allow for a method that an address does not take', async () => {
      const response = await deployer.send('DELETE', '/api/instances/prod-east')
      expect(response.status).toBe(405)
      expect(response.headers.get('allow')).toBe('GET, HEAD')
      expect(await problemOf(response)).toMatchObject({ code: 'method-not-allowed' })
      expect((await deployer.send('DELETE', '/api/nothing')).status).toBe(404)
    })

    test('the page has a fresh nonce in policy and markup, for any path of the portal', async () => {
      const [one, two] = await Promise.all([
        deployer.get('/'),
        deployer.get('/instances/prod-east'),
      ])
      const nonces = [one, two].map(
        (response) => /'nonce-([^']+)'/.exec(response.headers.get('content-security-policy')!)![1]!,
      )
      expect(nonces[0]).not.toBe(nonces[1])
      expect(await one.text()).toContain(`<style nonce="${nonces[0]}"></style>`)
    })

    test('of the scripts within the page, the policy allows those that it was built with', async () => {
      const policy = (await deployer.get('/')).headers.get('content-security-policy')!
      const hash = createHash('sha256').update('1').digest('base64')
      expect(policy.split('; ')).toContain(`script-src 'self' 'sha256-${hash}'`)
    })

    test('assets are kept for ever, may ask this hub alone as a worker, and a missing one is no page', async () => {
      const asset = await deployer.get('/assets/app-1a2b.js')
      expect(asset.headers.get('cache-control')).toContain('immutable')
      expect(asset.headers.get('content-security-policy')).toBe(
        "default-src 'none'; connect-src 'self'; frame-ancestors 'none'",
      )
      expect((await deployer.get('/assets/app-gone.js')).status).toBe(404)
      expect((await deployer.get('/assets/..%2f..%2fcredentials/x')).status).toBe(404)
    })

    test('probes answer without a session', async () => {
      expect((await world.hub.browser().get('/livez')).status).toBe(200)
      expect((await world.hub.browser().get('/readyz')).status).toBe(200)
    })

    test('/version says to anybody which version this is', async () => {
      const response = await world.hub.browser().get('/version')
      expect(response.headers.get('content-type')).toBe('application/json')
      expect(await response.json()).toEqual({ version: readVersion() })
    })

    test('an unknown error says nothing but its request id', async () => {
      const find = vi.spyOn(world.hub.instances, 'find').mockImplementation(() => {
        throw new Error('secret detail of the inside')
      })
      try {
        const response = await deployer.get('/api/instances/prod-east')
        const problem = await problemOf(response)
        expect(problem).toMatchObject({ status: 500, code: 'internal' })
        expect(JSON.stringify(problem)).not.toContain('secret detail')
        expect(world.hub.lines.join('')).toContain('secret detail of the inside')
        expect(world.hub.lines.join('')).toContain(String(problem['requestId']))
      } finally {
        find.mockRestore()
      }
    })
  },
)
