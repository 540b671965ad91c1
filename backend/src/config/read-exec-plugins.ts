import { isAbsolute, normalize } from 'node:path'
import { readList } from './read-list.ts'
import type { Reading } from './variable.ts'

/** By absolute path: the arguments and environment variables that a kubeconfig may give a program besides the known ones. */
export type ExecPluginRules = ReadonlyMap<string, { args: string[]; env: string[] }>

/** Reads `<path>[;arg:<argument>…][;env:<variable>…],…`; adds to `mistakes` what is none. */
export function parseExecPlugins(text: string, { mistakes, name }: Reading): ExecPluginRules {
  const plugins = new Map<string, { args: string[]; env: string[] }>()
  for (const item of readList(text)) {
    const [path = '', ...rules] = item.split(';').map((part) => part.trim())
    if (!isAbsolute(path) || normalize(path) !== path) {
      mistakes.push(
        `${name} lists "${path}"; write the program's absolute path, such as /usr/local/bin/kubelogin.`,
      )
      continue
    }
    const allowed = plugins.get(path) ?? { args: [], env: [] }
    plugins.set(path, allowed)
    for (const rule of rules) {
      const { kind, value = '' } = /^(?<kind>arg|env):(?<value>.+)$/.exec(rule)?.groups ?? {}
      if (kind === 'arg') allowed.args.push(value)
      // Of another kind there is no value.
      else if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(value)) allowed.env.push(value)
      else {
        mistakes.push(
          `${name} has "${rule}" behind ${path}; write "arg:<argument>" ("arg:--region=" for a flag with a value) or "env:<variable>".`,
        )
      }
    }
  }
  return plugins
}
