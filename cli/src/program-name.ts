import { basename } from 'node:path'

/** As kubectl calls it: `kubectl together-login` runs the file `kubectl-together_login`. */
export function readProgramName(executable: string): string {
  const name = basename(executable).replace(/\.exe$/i, '')
  const plugin = /^kubectl-(.+)$/.exec(name)?.[1]
  return plugin === undefined ? 'kubectl together-login' : `kubectl ${plugin.replaceAll('_', '-')}`
}
