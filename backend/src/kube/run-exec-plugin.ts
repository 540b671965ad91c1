import { spawn } from 'node:child_process'
import { isRecord } from './objects.ts'
import { checkClientCertificate } from './client-certificate.ts'
import type { ClusterCredential } from './cluster-credential.ts'
import { checkToken } from './read-user.ts'
import type { ExecPlugin } from './judge-exec-plugin.ts'
import { Refusal } from './refusal.ts'

export type ExecOptions = {
  /** All that the program sees of the hub's environment. */
  environment: Readonly<Record<string, string | undefined>>
  timeoutMs?: number
  signal?: AbortSignal
}

export type ExecResult =
  | {
      ok: true
      credential: ClusterCredential
      /** When the program says that the credential ends. */
      expiresAt: Date | null
    }
  | { ok: false; reason: string; fix: string }

const outputBytesMax = 1024 * 1024

/**
 * Runs the program of an `exec` entry, which the policy allowed, and completes the credential with what it prints.
 * There is no shell and no terminal; what the program writes appears in no sentence, for it may hold secrets.
 */
export async function runExecPlugin(
  plugin: ExecPlugin,
  credential: ClusterCredential,
  options: ExecOptions,
): Promise<ExecResult> {
  try {
    const output = await run(plugin, credential, options)
    const { expiresAt, ...secrets } = readOutput(output, plugin)
    return { ok: true, credential: { ...credential, ...secrets }, expiresAt }
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, reason: error.message, fix: error.fix }
    throw error
  }
}

function run(
  plugin: ExecPlugin,
  credential: ClusterCredential,
  { environment, signal, timeoutMs = 30_000 }: ExecOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(plugin.command, plugin.args, {
      cwd: '/',
      // A process group of its own, so that its children end with it.
      detached: true,
      env: {
        ...environment,
        ...plugin.env,
        KUBERNETES_EXEC_INFO: JSON.stringify(describeRequest(plugin, credential)),
      },
      shell: false,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const chunks: Buffer[] = []
    let size = 0
    const finish = (outcome: string | Refusal) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      killGroup(child.pid)
      if (typeof outcome === 'string') resolve(outcome)
      else reject(outcome)
    }
    const fail = (what: string, fix: string) =>
      finish(new Refusal(`The program ${plugin.command} ${what}.`, fix))
    const onAbort = () => fail('was stopped with the hub', 'Start the hub again.')
    const timer = setTimeout(
      () =>
        fail(
          `did not end within ${timeoutMs / 1000} seconds`,
          'Run it by hand as the hub does, without a terminal, and correct what it waits for.',
        ),
      timeoutMs,
    )
    if (signal?.aborted) return onAbort()
    signal?.addEventListener('abort', onAbort)
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.byteLength
      if (size > outputBytesMax) fail('printed more than 1 MiB', 'Correct its arguments.')
      else chunks.push(chunk)
    })
    child.once('error', (error: NodeJS.ErrnoException) =>
      fail(
        `could not be started (${error.code ?? 'unknown'})`,
        "Install it where the kubeconfig says, for the hub's user to run.",
      ),
    )
    child.once('close', (code, killedBy) => {
      if (code === 0) return finish(Buffer.concat(chunks, size).toString('utf8'))
      fail(
        `ended with ${code === null ? String(killedBy) : `exit code ${code}`}`,
        "Run it by hand as the hub's user to see why.",
      )
    })
  })
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}

function describeRequest(plugin: ExecPlugin, credential: ClusterCredential) {
  const { ca, proxyUrl, server, tlsServerName, verifyTls } = credential
  return {
    apiVersion: plugin.apiVersion,
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      ...(plugin.provideClusterInfo && {
        cluster: {
          server,
          ...(tlsServerName !== null && { 'tls-server-name': tlsServerName }),
          ...(ca !== null && {
            'certificate-authority-data': Buffer.from(ca).toString('base64'),
          }),
          ...(proxyUrl !== null && { 'proxy-url': proxyUrl }),
          ...(!verifyTls && { 'insecure-skip-tls-verify': true }),
        },
      }),
    },
  }
}

function readOutput(output: string, plugin: ExecPlugin) {
  const refuse = (what: string) =>
    new Refusal(
      `The program ${plugin.command} printed ${what}.`,
      "Run it by hand as the hub's user, and correct its arguments.",
    )
  let value: unknown
  try {
    value = JSON.parse(output)
  } catch {
    throw refuse('something that is not JSON')
  }
  if (!isRecord(value) || value.kind !== 'ExecCredential')
    throw refuse('something that is not an ExecCredential')
  if (value.apiVersion !== plugin.apiVersion) {
    throw refuse(`an ExecCredential of another version than ${plugin.apiVersion}`)
  }
  const status = isRecord(value.status) ? value.status : {}
  const text = (field: string) => {
    const found = status[field]
    return typeof found === 'string' && found !== '' ? found : null
  }
  const token = text('token')
  const certificate = text('clientCertificateData')
  const key = text('clientKeyData')
  if ((certificate === null) !== (key === null)) throw refuse('half a client certificate')
  if (token === null && certificate === null) {
    throw refuse('neither a token nor a client certificate')
  }
  const ends = text('expirationTimestamp')
  if (ends !== null && Number.isNaN(Date.parse(ends))) throw refuse('an expiry that is not a time')
  return {
    token: token === null ? null : checkToken(token, 'status.token'),
    clientCertificate:
      certificate === null || key === null
        ? null
        : checkClientCertificate(
            { pem: certificate, field: 'status.clientCertificateData' },
            { pem: key, field: 'status.clientKeyData' },
          ),
    expiresAt: ends === null ? null : new Date(ends),
  }
}
