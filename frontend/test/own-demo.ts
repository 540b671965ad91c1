import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { ports } from './ports.ts'

/** Where a demo of a test's own answers; one at a time, and none beside a hub of its own. */
export const ownDemoUrl = `http://127.0.0.1:${ports.own}`

/** A demo as it starts: nobody has changed anything in it yet. Returns what ends it. */
export async function startOwnDemo(): Promise<() => Promise<void>> {
  const demo = spawn(process.execPath, ['demo/src/main.ts'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...process.env, PORT: String(ports.own) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(demo, 'exit')
  const ready = new Promise<void>((resolve) => {
    let said = ''
    demo.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (/^ready /m.test(said)) resolve()
    })
  })
  const stop = async () => {
    demo.kill('SIGTERM')
    await ended
  }
  await Promise.race([
    ready,
    ended.then(() => {
      throw new Error('The demo ended before it was ready.')
    }),
  ])
  return stop
}
