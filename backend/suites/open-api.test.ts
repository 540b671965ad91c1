import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toOpenApiPath, type ApiDocument } from '#http'
import { databases, type TestDatabase } from '../test/databases.ts'
import { startHub, type TestHub } from '../test/hub.ts'
import {
  startOddIdentityProvider,
  type OddIdentityProvider,
} from '../test/odd-identity-provider.ts'

describe("the API's document and its page", () => {
  let database: TestDatabase
  let identityProvider: OddIdentityProvider
  let hub: TestHub
  let document: ApiDocument

  beforeAll(async () => {
    ;[database, identityProvider] = await Promise.all([
      databases[0].open(),
      startOddIdentityProvider(),
    ])
    hub = await startHub({ db: database.db, identityProvider })
    const response = await hub.browser().get('/api/openapi.json')
    expect(response.status).toBe(200)
    document = (await response.json()) as ApiDocument
  })
  afterAll(async () => {
    await hub.stop()
    await Promise.all([database.dispose(), identityProvider.stop()])
  })

  test('is valid OpenAPI 3.1, references included', async () => {
    const validator = new Validator()
    const result = await validator.validate(structuredClone(document))
    expect(result.errors).toBeUndefined()
    expect(result.valid).toBe(true)
    expect(validator.version).toBe('3.1')
    const missing = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)]
      .map(([, name]) => name!)
      .filter((name) => !(name in document.components.schemas))
    expect(missing).toEqual([])
  })

  test('has every route of the router, each with its policy, and nothing else', () => {
    const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(documented.toSorted()).toEqual(
      hub.app.listed
        .map(({ declared: { http } }) => `${http.method.toUpperCase()} ${toOpenApiPath(http.path)}`)
        .toSorted(),
    )
    const operations = Object.values(document.paths).flatMap((each) => Object.values(each))
    const ids = operations.map(({ operationId }) => operationId)
    expect(new Set(ids).size).toBe(ids.length)
    for (const operation of operations) {
      expect(operation).toMatchObject({
        'x-policy': expect.any(Object),
        description: expect.stringContaining('**Who:**'),
        tags: [expect.any(String)],
      })
    }
  })

  test('says what is read, what is answered and with which codes', () => {
    expect(document.paths['/api/admin/users/{user}/roles']!['post']).toMatchObject({
      operationId: 'createGrant',
      'x-policy': { permission: 'grant.manage', scope: 'hub', isFresh: true },
      security: [{ session: [] }, { token: [] }],
      parameters: [{ in: 'path', name: 'user', required: true, schema: { format: 'uuid' } }],
      requestBody: {
        content: { 'application/json': { schema: { $ref: '#/components/schemas/GrantInput' } } },
      },
      responses: {
        201: {
          content: { 'application/json': { schema: { $ref: '#/components/schemas/GrantOrigin' } } },
        },
        401: { description: expect.stringContaining('`reauthentication-required`') },
        403: {
          content: {
            'application/problem+json': {
              schema: {
                allOf: [
                  { $ref: '#/components/schemas/Problem' },
                  { properties: { code: { enum: ['user-disabled', 'forbidden', 'csrf'] } } },
                ],
              },
            },
          },
        },
        409: { description: expect.stringContaining('`conflict`') },
      },
    })
    expect(document.paths['/api/stream']!['get']).toMatchObject({
      responses: {
        200: {
          content: {
            'text/event-stream': { 'x-items': { $ref: expect.stringMatching(/Event$/) } },
          },
        },
      },
    })
    expect(document.components.schemas['GrantInput']).toMatchObject({
      additionalProperties: false,
      required: ['role'],
    })
  })

  test('is kept by browsers, and asked for again with its ETag', async () => {
    const first = await hub.browser().get('/api/openapi.json')
    const etag = first.headers.get('etag')!
    const again = await hub.browser().request('/api/openapi.json', {
      headers: { 'if-none-match': etag },
    })
    expect(again.status).toBe(304)
    expect(document.paths['/api/openapi.json']!['get']!.responses).toHaveProperty('304')
  })

  test('the page has its own policy and own files alone, and no other answer has that policy', async () => {
    const browser = hub.browser()
    const page = await browser.get('/api/docs')
    expect(page.status).toBe(200)
    const policy = page.headers.get('content-security-policy')
    expect(policy).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    const html = await page.text()
    expect(html).not.toMatch(/https?:|<style|style=|<script>/)
    const files = [...html.matchAll(/(?:src|href)="(\/api\/docs\/[^"]+)"/g)].map(
      ([, path]) => path!,
    )
    expect(files).toHaveLength(4)
    for (const path of files) {
      const file = await browser.get(path)
      expect([path, file.status]).toEqual([path, 200])
      expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
      expect(file.headers.get('content-security-policy')).not.toBe(policy)
      expect((await file.arrayBuffer()).byteLength).toBeGreaterThan(10)
    }
    expect((await browser.get('/api/docs/package.json')).status).toBe(404)
    expect((await browser.get('/api/docs/..%2fpackage.json')).status).toBe(404)
  })

  test('the page, its files and the document are counted by address like everything else', async () => {
    const small = await startHub({
      db: database.db,
      identityProvider,
      env: { HUB_REQUESTS_PER_MINUTE: '5' },
    })
    try {
      for (const path of ['/api/openapi.json', '/api/docs', '/api/docs/api-docs.css']) {
        const browser = small.browser()
        const statuses: number[] = []
        for (let times = 0; times < 8; times += 1) statuses.push((await browser.get(path)).status)
        expect([path, statuses[0], statuses.at(-1)]).toEqual([path, 200, 429])
      }
    } finally {
      await small.stop()
    }
  })
})
