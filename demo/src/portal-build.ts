import { spawn } from 'node:child_process'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const frontend = fileURLToPath(new URL('../../frontend', import.meta.url))
const sharedSources = fileURLToPath(new URL('../../shared/src', import.meta.url))
const dist = join(frontend, 'dist')
const notSources = new Set(['dist', 'node_modules', 'test', 'test-results', 'playwright-report'])

/** Whether the built portal is missing or older than what it is built from. */
export async function isPortalStale(): Promise<boolean> {
  const built = await stat(join(dist, 'index.html')).catch(() => undefined)
  if (!built) return true
  const newest = Math.max(await newestChange(frontend), await newestChange(sharedSources))
  return newest > built.mtimeMs
}

/**
 * Builds the portal beside the present one and swaps: a build that fails leaves what was there.
 * Throws with Vite's output.
 */
export async function buildPortal(): Promise<void> {
  const building = join(frontend, 'node_modules', `.portal-${process.pid}`)
  const replaced = `${building}-replaced`
  try {
    await runVite(['build', '--outDir', building, '--emptyOutDir', '--logLevel', 'warn'])
    await rename(dist, replaced).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
    await rename(building, dist)
  } finally {
    await rm(building, { recursive: true, force: true })
    await rm(replaced, { recursive: true, force: true })
  }
}

function runVite(args: readonly string[]): Promise<void> {
  const require = createRequire(join(frontend, 'package.json'))
  const vite = join(dirname(require.resolve('vite/package.json')), 'bin', 'vite.js')
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [vite, ...args], {
      cwd: frontend,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const keep = (text: string) => (output += text)
    child.stdout.setEncoding('utf8').on('data', keep)
    child.stderr.setEncoding('utf8').on('data', keep)
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve()
      else
        reject(
          new Error(`${output.trim()}\nThe portal could not be built: see Vite's output above.`),
        )
    })
  })
}

async function newestChange(folder: string): Promise<number> {
  let newest = 0
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (notSources.has(entry.name) || entry.name.startsWith('.')) continue
    const path = join(folder, entry.name)
    const changed = entry.isDirectory() ? await newestChange(path) : (await stat(path)).mtimeMs
    newest = Math.max(newest, changed)
  }
  return newest
}
