import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { KeyPair } from '@hub/demo'
import { findFreePort } from './free-port.ts'

const startTimeoutMs = 120_000

export type KeycloakProcess = Awaited<ReturnType<typeof startKeycloakProcess>>

/** A real Keycloak on an in-memory database, with an administrator and no realm but its own; over TLS where it gets a certificate. */
export async function startKeycloakProcess(options: { home: string; tls?: KeyPair }) {
  const [port, managementPort] = [await findFreePort(), await findFreePort()]
  const adminPassword = randomBytes(16).toString('hex')
  const url = `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`
  const folder = await mkdtemp(join(tmpdir(), 'hub-keycloak-'))
  const output: string[] = []
  const child = spawn(
    join(options.home, 'bin', 'kc.sh'),
    [
      'start',
      '--optimized',
      '--http-host=127.0.0.1',
      `--http-management-port=${managementPort}`,
      // No JGroups, which would listen on the machine's own address and on all of them.
      '--cache=local',
      ...(options.tls
        ? await tlsFlags(folder, { port, url, tls: options.tls })
        : ['--http-enabled=true', '--hostname-strict=false', `--http-port=${port}`]),
    ],
    {
      env: {
        ...process.env,
        KC_BOOTSTRAP_ADMIN_USERNAME: 'admin',
        KC_BOOTSTRAP_ADMIN_PASSWORD: adminPassword,
        // It runs for seconds: what the second compiler takes is never earned back.
        JAVA_OPTS_APPEND: '-Xmx512m -XX:TieredStopAtLevel=1',
      },
      // The script starts Java as a child: ending the group ends both.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()))
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid!, 'SIGTERM')
      const isOver = await Promise.race([exited.then(() => true), delay(10_000).then(() => false)])
      if (!isOver) process.kill(-child.pid!, 'SIGKILL')
    }
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await waitUntilReady(url, child, output)
  } catch (error) {
    await stop()
    throw error
  }
  return { url, adminPassword, stop }
}

async function tlsFlags(
  folder: string,
  { port, tls, url }: { port: number; tls: KeyPair; url: string },
): Promise<string[]> {
  const [certificate, key] = [join(folder, 'tls.crt'), join(folder, 'tls.key')]
  await writeFile(certificate, tls.certificate)
  await writeFile(key, tls.privateKey, { mode: 0o600 })
  return [
    `--https-port=${port}`,
    `--https-certificate-file=${certificate}`,
    `--https-certificate-key-file=${key}`,
    `--hostname=${url}`,
    '--http-management-scheme=http',
  ]
}

async function waitUntilReady(
  url: string,
  child: ReturnType<typeof spawn>,
  output: string[],
): Promise<void> {
  const deadline = Date.now() + startTimeoutMs
  while (Date.now() < deadline) {
    if (child.exitCode !== null) break
    const isReady = url.startsWith('https:')
      ? await answersJson(`${url}/realms/master`)
      : await fetch(`${url}/realms/master`)
          .then(({ ok }) => ok)
          .catch(() => false)
    if (isReady) return
    await delay(250)
  }
  throw new Error(`Keycloak did not start.\n${output.join('').slice(-4000)}`)
}

/** While it starts, it answers in words. Who it is does not matter here. */
function answersJson(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    request(url, { rejectUnauthorized: false }, (response) => {
      response.resume()
      resolve(response.headers['content-type']?.includes('json') === true)
    })
      .once('error', () => resolve(false))
      .end()
  })
}
