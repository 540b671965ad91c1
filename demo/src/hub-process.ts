import { spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export type HubProcess = {
  /** Resolves when the hub answers its readiness probe; rejects when it ends before. */
  ready: Promise<void>
  /** Resolves with the hub's last lines when it ends without having been asked to. */
  died: Promise<string>
  /** What it wrote last. */
  lastLines(): string
  stop(): Promise<void>
}

/** On a machine that has time; a hub that ends is noticed at once. */
const readyTimeoutMs = 180_000
/** More than a hub in production takes at most. */
const killAfterMs = 30_000
const keptLines = 15
/** What a program needs to run at all; the rest of the terminal's variables could change the hub. */
const passedOn = [
  'PATH',
  'HOME',
  'TMPDIR',
  'TEMP',
  'SystemRoot',
  'LANG',
  'TZ',
  'LOG_LEVEL',
  // Where Node keeps what it has compiled: a hub that starts for the tenth time reads it.
  'NODE_COMPILE_CACHE',
  // The Bun that started it all builds kubectl's plugin.
  'npm_execpath',
]

/** Its sources, or the file that was built of them. */
export const hubProgram =
  process.env['HUB_PROGRAM'] ?? fileURLToPath(new URL('../../backend/src/main.ts', import.meta.url))

/** Runs the hub with exactly the variables given. */
export function startHub(options: { env: Record<string, string>; url: string }): HubProcess {
  const inherited = passedOn.flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  const child = spawn(
    process.execPath,
    ['--import', new URL('./end-with-parent.ts', import.meta.url).href, hubProgram],
    {
      env: { ...Object.fromEntries(inherited), ...options.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  )
  let lines: string[] = []
  const keep = (text: string) => {
    lines = [...lines, ...text.split('\n').filter((line) => line !== '')].slice(-keptLines)
  }
  child.stdout!.setEncoding('utf8').on('data', keep)
  child.stderr!.setEncoding('utf8').on('data', keep)

  let isStopping = false
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      keep(error.message)
      resolve()
    })
    child.once('close', () => resolve())
  })
  const died = ended.then(() => (isStopping ? new Promise<string>(() => {}) : lines.join('\n')))
  const isRunning = () =>
    child.exitCode === null && child.signalCode === null && child.pid !== undefined
  return {
    died,
    lastLines: () => lines.join('\n'),
    ready: waitUntilReady(options.url, () => isRunning()),
    stop: async () => {
      isStopping = true
      if (!isRunning()) return
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs)
      await ended
      clearTimeout(timer)
    },
  }
}

async function waitUntilReady(url: string, isRunning: () => boolean): Promise<void> {
  const deadline = Date.now() + readyTimeoutMs
  while (isRunning()) {
    const response = await fetch(`${url}/readyz`).catch(() => undefined)
    await response?.body?.cancel()
    if (response?.ok) return
    if (Date.now() > deadline) {
      throw new Error(
        `The hub does not answer ${url}/readyz ${readyTimeoutMs / 1000} s after its start.`,
      )
    }
    await delay(100)
  }
  // It ended: `died` says why.
  await new Promise(() => {})
}
