import { existsSync, globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { compileProgram } from '../build/compile.ts'
import { ownPlatform } from '../build/platforms.ts'

const cli = join(import.meta.dirname, '..')
const file = join(cli, 'bin', 'kubelogin')

/** The program as people get it, built where it is older than what it is made of. */
export async function buildProgram(): Promise<string> {
  const sources = globSync(['src/**/*.ts', 'build/*.ts', 'package.json'], { cwd: cli })
  const newest = Math.max(...sources.map((path) => statSync(join(cli, path)).mtimeMs))
  if (!existsSync(file) || statSync(file).mtimeMs < newest) {
    await compileProgram(ownPlatform()!, file)
  }
  return file
}
