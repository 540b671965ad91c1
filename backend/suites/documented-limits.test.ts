import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases, type TestDatabase } from '../test/databases.ts'
import { startHub, type TestHub } from '../test/hub.ts'

const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')

describe('limits of docs/configuration.md', () => {
  let database: TestDatabase
  let limited: TestHub
  beforeAll(async () => {
    database = await databases[0].open()
    limited = await startHub({ db: database.db, env: { ENABLED_AUTH_PROVIDERS: '' } })
  })
  afterAll(async () => {
    await limited.stop()
    await database.dispose()
  })

  test.each<[string, string, RequestInit]>([
    ['Setup codes', '/api/auth/setup', { method: 'POST' }],
    ['new API tokens', '/api/auth/tokens', { method: 'POST' }],
    ['refused bearers', '/api/auth/session', { headers: { authorization: 'Bearer no' } }],
  ])('%s are as many per minute as the page says', async (what, path, init) => {
    const said = new RegExp(`${what.replaceAll(' ', '\\s')}\\s\\((\\d+)\\)`).exec(page)![1]
    const browser = limited.browser()
    await limited.frozen(async () => {
      for (let served = 0; ; served += 1) {
        expect(served).toBeLessThanOrEqual(Number(said))
        const { headers, status } = await browser.request(path, init)
        if (status !== 429) continue
        expect(served).toBe(Number(said))
        expect(headers.get('ratelimit-policy')).toContain(`;q=${said};`)
        return
      }
    })
  })
})
