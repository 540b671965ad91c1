import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Environment } from '../flags/options.ts'

type Question = { command: readonly [string, ...string[]]; isYes: RegExp }

const answerMsMax = 2_000

/** Whether somebody would have to unlock the screen before they see a browser; false where the system does not tell. */
export async function isScreenLocked(env: Environment): Promise<boolean> {
  const question = questionFor(process.platform, env)
  if (question === null) return false
  const [program, ...args] = question.command
  try {
    const { stdout } = await promisify(execFile)(program, args, { timeout: answerMsMax })
    return question.isYes.test(stdout)
  } catch {
    return false
  }
}

export function questionFor(platform: string, env: Environment): Question | null {
  if (platform === 'linux') {
    const session = env['XDG_SESSION_ID'] || 'auto'
    return {
      command: ['loginctl', 'show-session', session, '--property=LockedHint', '--value'],
      isYes: /^yes\s*$/,
    }
  }
  if (platform === 'darwin') {
    return {
      command: ['/usr/sbin/ioreg', '-n', 'Root', '-d1', '-a'],
      isYes: /<key>CGSSessionScreenIsLocked<\/key>\s*<true\/>/,
    }
  }
  return null
}
