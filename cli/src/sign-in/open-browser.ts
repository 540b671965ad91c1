import { spawn } from 'node:child_process'
import type { Environment, Options } from '../flags/options.ts'
import type { Log } from '../log.ts'

/** Resolves whether something took the address. It is one argument, and no shell reads it. */
export async function openBrowser(
  url: string,
  { command, env, log }: { command: string | null; env: Environment; log: Log },
): Promise<boolean> {
  for (const [program, ...args] of commandsFor(url, command, env)) {
    if (await start(program!, args)) return true
    log.debug(`${program} did not start`)
  }
  return false
}

function commandsFor(url: string, command: string | null, env: Environment): string[][] {
  if (command !== null) return [[command, url]]
  switch (process.platform) {
    case 'darwin':
      return [['/usr/bin/open', url]]
    case 'win32':
      return [['rundll32', 'url.dll,FileProtocolHandler', url]]
    default: {
      const own = env['BROWSER']
      return [...(own && !/[\s:%]/.test(own) ? [[own, url]] : []), ['xdg-open', url]]
    }
  }
}

function start(program: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { detached: true, stdio: 'ignore' })
    child.once('error', () => resolve(false))
    child.once('spawn', () => {
      child.unref()
      resolve(true)
    })
  })
}

/** Whether a browser that opens here would be seen by whoever runs this. */
export function hasScreen(env: Environment, platform: string = process.platform): boolean {
  if (env['SSH_CONNECTION'] || env['SSH_TTY']) return false
  if (platform === 'darwin' || platform === 'win32') return true
  return Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY'])
}

/** Whether a browser is to open for what any other machine's would do as well. */
export function isSeenHere({ command, isOpened }: Options['browser'], env: Environment): boolean {
  return isOpened && (command !== null || hasScreen(env))
}
