import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { isLoopbackHost } from './loopback.ts'
import { findText, readVariables, type Environment, type Source } from './read-variables.ts'
import { variables } from './variables.ts'
import { localVariables } from './variables/local.ts'

/** Without HUB_MODE the hub serves the person who started it. */
export type LocalMode = {
  /** Their name on this machine. */
  user: string
  /** Where kubectl looks for contexts, in its order of precedence. */
  kubeconfigs: readonly string[]
  /** What lets somebody in; null for one that the hub makes. */
  secret: string | null
  /** What exec plugins see: all that they would see from kubectl, but the hub's own secrets. */
  environment: Record<string, string | undefined>
}

/** What says that hub mode was meant is a mistake without it, because local mode lets everybody in who gets there. */
export function checkLocalMode(env: Environment, mistakes: string[]): void {
  const host = findText(env, 'HOST')
  if (host !== undefined && !isLoopbackHost(host)) {
    mistakes.push(
      `HOST is "${host}", but without HUB_MODE the hub has no sign-in and listens only on this machine. Set HUB_MODE=true, or HOST=127.0.0.1.`,
    )
  }
  for (const name of ['AUTH_CALLBACK_URL', 'ALLOWED_HOSTS', 'ENABLED_AUTH_PROVIDERS']) {
    if (findText(env, name) === undefined) continue
    mistakes.push(
      `${name} is set, but HUB_MODE is not: without it the hub has no sign-in and serves only this machine. Set HUB_MODE=true, or unset ${name}.`,
    )
  }
  if (findText(env, 'NODE_ENV') === 'production') {
    mistakes.push(
      'NODE_ENV is production, but HUB_MODE is not set: without it the hub has no sign-in and serves only this machine. Set HUB_MODE=true; run "bun run demo" to look around.',
    )
  }
}

export function readLocalMode(source: Source): LocalMode {
  const { env } = source
  const { HUB_LOCAL_SECRET, KUBECONFIG } = readVariables(localVariables, source)
  const byDefault = resolve(join(env['HOME'] || homedir(), '.kube', 'config'))
  const listed = KUBECONFIG ?? []
  const isSecret = (name: string) => variables[name]?.secret === true
  return {
    user: env['USER'] || env['LOGNAME'] || env['USERNAME'] || 'me',
    secret: HUB_LOCAL_SECRET,
    kubeconfigs: [...new Set(listed.length > 0 ? listed : [byDefault])],
    environment: Object.fromEntries(Object.entries(env).filter(([name]) => !isSecret(name))),
  }
}
