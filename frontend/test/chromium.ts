import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LaunchOptions } from '@playwright/test'

/**
 * How to start Chromium: the one that CHROMIUM_PATH names; on Linux else the one from the npm registry, with the
 * libraries it brings along, so that neither root nor a download is needed; elsewhere Playwright's own installation. Where
 * `isBrief`, pages live for seconds: what V8's optimizing compilers take is never earned back, a seventh of what pages take in all.
 */
export async function findChromium({ isBrief = false } = {}): Promise<LaunchOptions> {
  const given = process.env['CHROMIUM_PATH']
  const speed = isBrief ? ['--js-flags=--no-maglev --max-optimized-bytecode-size=0'] : []
  // A container's root has no user namespaces for the sandbox, and the pages are our own.
  const args = ['--no-sandbox', ...speed]
  if (given) return { executablePath: given, args }
  if (process.platform !== 'linux') return { args: speed }
  const folder = await unpackChromium()
  return {
    executablePath: join(folder, 'chromium'),
    args,
    env: { ...inheritedEnvironment(), LD_LIBRARY_PATH: join(folder, 'al2023', 'lib') },
  }
}

/** Unpacks once per version and user; an interrupted attempt is never mistaken for a whole one. */
async function unpackChromium(): Promise<string> {
  const entry = import.meta.resolve('@sparticuz/chromium')
  const manifest = await readFile(new URL('../package.json', entry), 'utf8')
  const { version } = JSON.parse(manifest) as { version: string }
  const folder = join(tmpdir(), `hub-chromium-${version}-${process.getuid?.() ?? 0}`)
  if (existsSync(folder)) return folder
  const partial = `${folder}.${process.pid}`
  await mkdir(partial, { recursive: true })
  const { TMPDIR } = process.env
  // The package unpacks into the temporary folder, and takes whatever lies there already.
  process.env['TMPDIR'] = partial
  try {
    const { default: chromium, inflate } = await import('@sparticuz/chromium')
    await chromium.executablePath()
    await inflate(fileURLToPath(new URL('../bin/al2023.tar.br', entry)))
    await rename(partial, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
  } finally {
    await rm(partial, { recursive: true, force: true })
    if (TMPDIR === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = TMPDIR
  }
  return folder
}

function inheritedEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  )
}
