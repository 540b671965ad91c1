import { readFileSync } from 'node:fs'
import type { BesideFile } from '../src/config/file/read-providers.ts'

/** What the variables say that a configuration file stands beside. */
export function besideFile(
  env: Record<string, string> = {},
  providers: readonly string[] = [],
): BesideFile {
  const mode = { isLocal: false, production: false }
  const readFile = (path: string) => readFileSync(path, 'utf8')
  return { source: { env, readFile, mode, mistakes: [], warnings: [] }, providers }
}
