import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { findFreePort } from './free-port.ts'

const checkout = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

let child: ChildProcess | undefined
let folder: string | undefined

afterEach(async () => {
  child?.kill('SIGKILL')
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

test("the image's steps make a folder that serves the hub and its portal in production", async () => {
  folder = await mkdtemp(join(tmpdir(), 'hub-image-'))
  const image = join(folder, 'hub')
  await run(join(checkout, 'deploy', 'image.sh'), [checkout, image], {
    maxBuffer: 16 * 1024 * 1024,
  })
  expect((await readdir(image)).toSorted()).toEqual([
    'backend',
    'bun.lock',
    'deploy',
    'frontend',
    'node_modules',
    'package.json',
    'shared',
  ])
  expect(await readdir(join(image, 'backend'))).not.toContain('test')

  const data = join(folder, 'data')
  await mkdir(join(data, 'credentials'), { recursive: true })
  const port = await findFreePort()
  const env = {
    PATH: process.env['PATH'],
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: String(port),
    HUB_MODE: 'true',
    DATABASE_URL: join(data, 'hub.db'),
    CREDENTIALS_PATH: join(data, 'credentials'),
    AUTH_CALLBACK_URL: 'https://hub.example.com',
    SESSION_SECRET: 'b1946ac92492d2347c6235b4d2611184f3a8c6c1',
    ENABLED_AUTH_PROVIDERS: 'oidc',
    OIDC_PROVIDER_ISSUER: 'https://identity.example.com',
    OIDC_PROVIDER_CLIENT_ID: 'hub',
    OIDC_PROVIDER_CLIENT_SECRET: 'a-test-has-no-secrets',
    HUB_ADMINS: 'oidc:ada',
  }
  const dockerfile = await readFile(join(checkout, 'deploy', 'Dockerfile'), 'utf8')
  const [, start] = /^CMD (.*)$/m.exec(dockerfile)!
  const [program, ...args] = JSON.parse(start!) as string[]
  expect(program).toBe('node')
  child = spawn(process.execPath, args, { cwd: image, env, stdio: 'ignore' })
  const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`)
  const isReady = () =>
    ask('/readyz').then(
      ({ ok }) => ok,
      () => false,
    )
  await expect.poll(isReady, { timeout: 60_000 }).toBe(true)
  expect(await (await ask('/')).text()).toContain('<div id="root">')
  // Made at run time, of packages that production has to have.
  expect(await (await ask('/api/openapi.json')).json()).toMatchObject({ openapi: '3.1.1' })
  const [, script] = /src="([^"]+)"/.exec(await (await ask('/api/docs')).text())!
  expect((await ask(script!)).status).toBe(200)
  const page = await readFile(join(checkout, 'docs', 'deploying.md'), 'utf8')
  const commands = [...page.matchAll(/node (backend\/src\/commands\/[\w-]+\.ts)/g)]
  expect(commands.length).toBeGreaterThan(2)
  for (const [, command] of commands) {
    const { stdout } = await run(process.execPath, [command!, '--help'], { cwd: image, env })
    expect(stdout).toContain('Usage: ')
  }
  const verify = ['backend/src/commands/audit-verify.ts']
  expect((await run(process.execPath, verify, { cwd: image, env })).stdout).toContain('rows read')
}, 300_000)
