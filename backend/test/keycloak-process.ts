import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { get as getTls } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createCertificateAuthority, issueServerCertificate, type KeyPair } from '@hub/demo'
import { findFreePort } from './free-port.ts'

const startTimeoutMs = 120_000
/** Somebody else may take a port that was free when it was looked for. */
const attempts = 3

export type KeycloakProcess = Awaited<ReturnType<typeof startKeycloakProcess>>

/** A real Keycloak on an in-memory database, over http and over TLS, with an administrator and no realm but its own. */
export async function startKeycloakProcess(options: { home: string }) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(options)
    } catch (error) {
      if (attempt === attempts) throw error
    }
  }
}

async function startOnce(options: { home: string }) {
  const [port, tlsPort, managementPort] = [
    await findFreePort(),
    await findFreePort(),
    await findFreePort(),
  ]
  const adminPassword = randomBytes(16).toString('hex')
  const url = `http://127.0.0.1:${port}`
  const folder = await mkdtemp(join(tmpdir(), 'hub-keycloak-'))
  const authority = await createCertificateAuthority('identity provider')
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
      // Its passwords last as long as it does: to make them hard to guess takes a tenth of a second at each sign-in.
      '--spi-password-hashing--argon2--iterations=1',
      '--spi-password-hashing--argon2--memory=8',
      // Its issuers are named as they are asked, by either scheme.
      '--hostname-strict=false',
      '--http-enabled=true',
      `--http-port=${port}`,
      `--https-port=${tlsPort}`,
      ...(await certificateFlags(folder, await issueServerCertificate(authority))),
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
  const tls = { url: `https://127.0.0.1:${tlsPort}`, authority: authority.certificate }
  try {
    await waitUntilReady({ url, tls }, child, output)
  } catch (error) {
    await stop()
    throw error
  }
  return { url, tls, adminPassword, stop }
}

async function certificateFlags(folder: string, tls: KeyPair): Promise<string[]> {
  const [certificate, key] = [join(folder, 'tls.crt'), join(folder, 'tls.key')]
  await writeFile(certificate, tls.certificate)
  await writeFile(key, tls.privateKey, { mode: 0o600 })
  return [
    `--https-certificate-file=${certificate}`,
    `--https-certificate-key-file=${key}`,
    '--http-management-scheme=http',
  ]
}

async function waitUntilReady(
  { tls, url }: { url: string; tls: { url: string; authority: string } },
  child: ReturnType<typeof spawn>,
  output: string[],
): Promise<void> {
  const deadline = Date.now() + startTimeoutMs
  while (Date.now() < deadline) {
    if (child.exitCode !== null) break
    if ((await isOk(url, get)) && (await isOk(tls.url, getTls, tls.authority))) return
    await delay(250)
  }
  throw new Error(`Keycloak did not start.\n${output.join('').slice(-4000)}`)
}

/** Whether it is Keycloak that answers there. */
function isOk(url: string, ask: typeof getTls, ca?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = ask(`${url}/realms/master`, { ca, timeout: 5_000 }, (answer) => {
      answer.resume()
      resolve(answer.statusCode === 200)
    })
    request.once('timeout', () => request.destroy())
    request.once('error', () => resolve(false))
  })
}
