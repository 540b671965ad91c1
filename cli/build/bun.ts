import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const checkout = join(import.meta.dirname, '..', '..')

/** Runs the Bun that package.json names. Throws with what it wrote where it fails. */
export async function runBun(
  args: readonly string[],
  { cwd, env = process.env }: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<void> {
  const [program, ...first] = findBun(env)
  const child = spawn(program!, [...first, ...args], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`bun ${args[0]} failed:\n${output.trim()}`)
}

/** The one that started this, if any; else the one from the npm registry. */
function findBun(env: NodeJS.ProcessEnv): string[] {
  const manifest = readFileSync(join(checkout, 'package.json'), 'utf8')
  const { packageManager } = JSON.parse(manifest) as { packageManager: string }
  const starter = env['npm_execpath'] ?? ''
  const isBun =
    /[\\/]bun(\.exe)?$/.test(starter) &&
    spawnSync(starter, ['--version'], { encoding: 'utf8' }).stdout?.trim() ===
      packageManager.replace('bun@', '')
  // Of one that is here already the registry is not asked.
  return isBun ? [starter] : ['npx', '--yes', '--prefer-offline', packageManager]
}
