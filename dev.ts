// The developer's start: the hub with this terminal's environment. A change of the portal builds it again, a change of
// the server restarts it.
import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { build, type Rolldown } from 'vite'

const root = import.meta.dirname
const port = process.env.PORT || '3001'
/** As it was given: building sets what makes the portal a production build. */
const environment = { ...process.env }

/** Of local mode, and the same for every restart, so that an open browser stays let in. */
const isLocal = !/^(true|1)$/i.test(process.env.HUB_MODE?.trim() ?? '')
const isOwnSecret = Boolean(process.env.HUB_LOCAL_SECRET || process.env.HUB_LOCAL_SECRET_FILE)
const localSecret = isLocal && !isOwnSecret ? randomBytes(32).toString('base64url') : null

const children = new Set<ChildProcess>()
const stopping = new AbortController()
process.on('SIGINT', () => stop(0))
process.on('SIGTERM', () => stop(0))

console.log('building the portal (about a quarter of a minute) …')
const portal = await followPortal()
stopping.signal.addEventListener('abort', () => void portal.close())
if (!stopping.signal.aborted) {
  // Else every module that is loaded is watched, those of node_modules too: installing would restart the hub.
  const watched = ['backend/src', 'shared/src'].map(
    (folder) => `--watch-path=${join(root, folder)}`,
  )
  const hub = ['--watch', ...watched, '--watch-preserve-output', join('backend', 'src', 'main.ts')]
  void start(process.execPath, hub).then(() => stop(1))
  await sayWhenReady()
}

/** Builds the portal now, and again after each change. Before the first build is whole, a page would be half of two. */
async function followPortal(): Promise<Rolldown.RolldownWatcher> {
  const watcher = (await build({
    root: join(root, 'frontend'),
    logLevel: 'warn',
    // What is being looked at stays there.
    build: { watch: {}, emptyOutDir: false },
  })) as Rolldown.RolldownWatcher
  await new Promise<void>((resolve) => {
    watcher.on('event', ({ code }) => {
      if (code === 'END') resolve()
      if (code !== 'ERROR') return
      // It has said why; what was built before is served meanwhile.
      if (!existsSync(join(root, 'frontend', 'dist', 'index.html'))) stop(1)
      resolve()
    })
  })
  return watcher
}

function start(command: string, args: string[]): Promise<number | null> {
  const child = spawn(command, args, {
    cwd: root,
    env: { ...environment, ...(localSecret !== null && { HUB_LOCAL_SECRET: localSecret }) },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  children.add(child)
  return new Promise((resolve) =>
    child.once('exit', (code) => {
      children.delete(child)
      resolve(code)
    }),
  )
}

async function sayWhenReady(): Promise<void> {
  while (!stopping.signal.aborted) {
    const isReady = await fetch(`http://localhost:${port}/readyz`)
      .then(({ ok }) => ok)
      .catch(() => false)
    if (isReady) {
      console.log(
        `ready http://localhost:${port}${localSecret === null ? '' : `/?token=${localSecret}`}`,
      )
      return
    }
    await delay(200)
  }
}

function stop(code: number): void {
  if (stopping.signal.aborted) return
  stopping.abort()
  process.exitCode = code
  for (const child of children) child.kill('SIGTERM')
}
