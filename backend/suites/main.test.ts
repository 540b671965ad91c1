import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { constants } from 'node:fs'
import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startHub, hubProgram } from '@hub/demo'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { findFreePort } from '../test/free-port.ts'
import { programEnvironment } from '../test/program-environment.ts'
import { connectionLimits } from '../src/connection-limits.ts'

describe('the server', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hub-main-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const environment = () => ({
    ...programEnvironment,
    HUB_MODE: 'true',
    PORT: '0',
    HOST: '127.0.0.1',
    DATABASE_URL: join(folder, 'hub.db'),
    CREDENTIALS_PATH: folder,
  })
  const start = async (env: Record<string, string>) => {
    const child = spawn(process.execPath, [hubProgram], {
      env: { ...environment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [output, errors] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (output.includes('"listening"')) child.kill('SIGTERM')
    })
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
    return { code, output, errors }
  }
  /** Ready, with its log going into this file. */
  const startInto = async (log: FileHandle, database: string) => {
    onTestFinished(() => log.close())
    const port = await findFreePort()
    const child = spawn(process.execPath, [hubProgram], {
      env: { ...environment(), PORT: String(port), DATABASE_URL: join(folder, database) },
      stdio: ['ignore', log.fd, 'ignore'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const ended = new Promise<{ code: number | null; at: number }>((resolve) =>
      child.once('exit', (code) => resolve({ code, at: Date.now() })),
    )
    const ask = (path: string) =>
      fetch(`http://127.0.0.1:${port}${path}`).then(({ status }) => status)
    await expect.poll(() => ask('/readyz').catch(() => 0), { timeout: 30_000 }).toBe(200)
    return { ask, child, ended }
  }

  test('H39: an idle connection is kept for longer than a balancer keeps it', async () => {
    const port = await findFreePort()
    const url = `http://127.0.0.1:${port}`
    const env = {
      HUB_MODE: 'true',
      HOST: '127.0.0.1',
      PORT: String(port),
      CREDENTIALS_PATH: folder,
    }
    const hub = startHub({ url, env: { ...env, DATABASE_URL: join(folder, 'idle.db') } })
    await hub.ready
    const answer = await fetch(`${url}/livez`)
    expect(answer.headers.get('keep-alive')).toBe('timeout=75')
    await answer.text()
    await hub.stop()
    // Else the next request of a connection that was idle may be cut off while its first line is read.
    expect(connectionLimits.keepAliveTimeout).toBeGreaterThan(60_000)
    expect(connectionLimits.headersTimeout).toBeGreaterThan(connectionLimits.keepAliveTimeout)
    expect(connectionLimits.requestTimeout).toBeGreaterThan(connectionLimits.headersTimeout)
  }, 60_000)

  test.runIf(process.platform === 'linux')(
    'a full disk below the log stops neither its answers nor its end',
    async () => {
      const { child, ended } = await startInto(await open('/dev/full', 'w'), 'full.db')
      child.kill('SIGTERM')
      expect((await ended).code).toBe(0)
    },
    60_000,
  )

  test.runIf(process.platform === 'linux')(
    'SIGTERM ends it though whoever reads its log stands still',
    async () => {
      const path = join(folder, 'log')
      execFileSync('mkfifo', [path])
      const pipe = await open(path, constants.O_RDWR)
      const { ask, child, ended } = await startInto(pipe, 'stuck.db')
      // As a terminal is: to begin a program makes what it shares with others wait for its reader.
      spawnSync('true', { stdio: ['ignore', pipe.fd, 'ignore'] })
      const long = `/api/instances/${'x'.repeat(1_500)}`
      await Promise.all(Array.from({ length: 200 }, () => ask(long)))
      const toldAt = Date.now()
      child.kill('SIGTERM')
      expect((await ended).at - toldAt).toBeLessThan(26_000)
    },
    90_000,
  )

  const https = { AUTH_CALLBACK_URL: 'https://hub.example.com' }
  const production = { NODE_ENV: 'production', ALLOWED_HOSTS: 'hub.example.com' }
  test.each<[string, Record<string, string>]>([
    ['the default', https],
    ['the default', production],
    ['the default', { ...https, SESSION_SECRET: 'dev-secret-change-in-production' }],
    ['a short', { ...production, SESSION_SECRET: '0123456789abcdef0123456789abcde' }],
    ['a placeholder', { ...https, SESSION_SECRET: 'change-me-0f1e2d3c4b5a69788796a5b4c3d2e1f0' }],
  ])(
    '#21 with %s secret in production it exits with one line that names the fix',
    async (...[, env]) => {
      const { code, errors, output } = await start(env)
      expect(code).toBe(1)
      expect(output).not.toContain('listening')
      expect(errors.trim().split('\n').slice(1)).toEqual([
        expect.stringMatching(/^- SESSION_SECRET .*openssl rand -hex 32/),
      ])
    },
  )

  test('outside production it starts with a warning', async () => {
    const { output } = await start({})
    expect(output).toContain('listening')
    expect(output).toMatch(/"level":"warn".*SESSION_SECRET is the public default/)
  })
})
