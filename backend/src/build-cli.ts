import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../cli/build/release.ts', import.meta.url))

/** Where there is a checkout, how to build the plugin for this machine into a folder; the image has all builds instead. */
export function findCliBuild(directory: string): (() => Promise<void>) | null {
  if (!existsSync(program)) return null
  return async () => {
    const child = spawn(process.execPath, [program, '--own', `--to=${directory}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    if (code !== 0) throw new Error(said.slice(-4000))
  }
}
