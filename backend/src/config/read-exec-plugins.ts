import { isAbsolute, normalize } from 'node:path'
import { readList } from './read-list.ts'

/** By absolute path: the arguments and environment variables that a kubeconfig may give a program besides the known ones. */
export type ExecPluginRules = ReadonlyMap<string, { args: string[]; env: string[] }>

/** Reads `<path>[;arg:<argument>…][;env:<variable>…],…`; adds to `mistakes` what is none. */
export function readExecPlugins(value: string | undefined, mistakes: string[]): ExecPluginRules {
  const plugins = new Map<string, { args: string[]; env: string[] }>()
  for (const item of readList(value)) {
    const [path = '', ...rules] = item.split(';').map((part) => part.trim())
    if (!isAbsolute(path) || normalize(path) !== path) {
      mistakes.push(
        `HUB_ALLOW_EXEC_PLUGINS lists "${path}"; write the program's absolute path, such as /usr/local/bin/kubelogin.`,
      )
      continue
    }
    const allowed = plugins.get(path) ?? { args: [], env: [] }
    plugins.set(path, allowed)
    for (const rule of rules) {
      const [, kind, text = ''] = /^(arg|env):(.+)$/.exec(rule) ?? []
      if (kind === 'arg') allowed.args.push(text)
      else if (kind === 'env' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) allowed.env.push(text)
      else {
        mistakes.push(
          `HUB_ALLOW_EXEC_PLUGINS has "${rule}" behind ${path}; write "arg:<argument>" ("arg:--region=" for a flag with a value) or "env:<variable>".`,
        )
      }
    }
  }
  return plugins
}
