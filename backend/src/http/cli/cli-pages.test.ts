import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../../test/databases.ts'
import { startHub, type TestHub } from '../../../test/hub.ts'

const own = `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`
const zip = (platform: string) => `kubectl-together_login_${platform}.zip`

describe('/cli/', () => {
  let folder: string
  let built = 0
  let fails = false
  let hub: TestHub
  let stop: () => Promise<void>
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-cli-'))
    const database = await databases[0].open()
    const build = async () => {
      if (fails) throw new Error('bun is away')
      built += 1
      await writeFile(join(folder, zip(own)), 'program')
      const sum = createHash('sha256').update('program').digest('hex')
      await writeFile(join(folder, `${zip(own)}.sha256`), `${sum}  ${zip(own)}\n`)
    }
    hub = await startHub({
      db: database.db,
      env: { OIDC_PROVIDER_ISSUER: 'https://id.example.com', OIDC_PROVIDER_CLIENT_ID: 'hub' },
      cli: { directory: folder, build },
    })
    stop = async () => {
      await hub.stop()
      await database.dispose()
    }
  })
  afterAll(async () => {
    await stop()
    await rm(folder, { recursive: true, force: true })
  })
  const get = (path: string, init: RequestInit = {}) =>
    hub.app.request(`http://localhost:3001${path}`, {
      ...init,
      headers: { host: 'localhost:3001', ...(init.headers as Record<string, string>) },
    })

  test('is a page of install commands with the hub’s own address, for anybody', async () => {
    const page = await get('/cli/')
    const text = await page.text()
    expect([page.status, page.headers.get('content-security-policy')]).toEqual([
      200,
      expect.stringContaining("default-src 'none'"),
    ])
    for (const platform of ['darwin_arm64', 'darwin_amd64', 'linux_amd64', 'linux_arm64']) {
      expect(text).toContain(`curl -fsSL -O http://localhost:3001/cli/${zip(platform)}\n`)
      expect(text).toContain(`-c ${zip(platform)}.sha256`)
    }
    expect((await get('/cli')).headers.get('location')).toBe('/cli/')
    expect((await get('/cli/', { headers: { host: 'evil.example' } })).status).toBe(400)
  })

  test('builds the machine’s own on the first request, once, and tries again after a failure', async () => {
    fails = true
    expect((await get(`/cli/${zip(own)}`)).status).toBe(503)
    fails = false
    const [program, sum] = await Promise.all([
      get(`/cli/${zip(own)}`),
      get(`/cli/${zip(own)}.sha256`),
    ])
    expect([program.status, sum.status]).toEqual([200, 200])
    expect(built).toBe(1)
    expect(await program.text()).toBe('program')
    expect(await sum.text()).toMatch(new RegExp(`^[0-9a-f]{64}  ${zip(own)}\n$`))
    const etag = program.headers.get('etag')!
    expect((await get(`/cli/${zip(own)}`, { headers: { 'if-none-match': etag } })).status).toBe(304)
    const head = await get(`/cli/${zip(own)}`, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '7'])
  })

  test('other machines’ are a 404 with a sentence, and nothing else is served', async () => {
    const other = await get(`/cli/${zip(own === 'darwin_arm64' ? 'linux_arm64' : 'darwin_arm64')}`)
    expect(other.status).toBe(404)
    const { detail } = (await other.json()) as { detail: string }
    expect(detail).toContain('does not have a build for')
    expect(detail).toContain(own)
    await writeFile(join(folder, 'notes.txt'), 'mine')
    for (const name of [
      'notes.txt',
      '..%2f..%2fetc%2fpasswd',
      'kubectl-together_login_plan9_amd64.zip',
    ]) {
      expect([name, (await get(`/cli/${name}`)).status]).toEqual([name, 404])
    }
  })

  test('a package manager’s manifest names the zips of this hub', async () => {
    await writeFile(
      join(folder, 'together-login.yaml'),
      'uri: https://github.com/a/b/releases/latest/download/kubectl-together_login_linux_amd64.zip\n',
    )
    expect(await (await get('/cli/together-login.yaml')).text()).toBe(
      `uri: http://localhost:3001/cli/${zip('linux_amd64')}\n`,
    )
  })
})
