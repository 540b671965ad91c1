import { homedir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { variables, type VariableName } from './variables.ts'

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

/** Whether a host name or address is this machine's own; `host` may carry a port. */
export function isLoopbackHost(host: string): boolean {
  const name = host === '::1' ? '[::1]' : host.toLowerCase().replace(/:[0-9]+$/, '')
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    name === '[::1]' ||
    /^127(\.[0-9]{1,3}){3}$/.test(name)
  )
}

/** What says that hub mode was meant is a mistake without it, because local mode lets everybody in who gets there. */
export function checkLocalMode(
  read: (name: VariableName) => string | undefined,
  mistakes: string[],
): void {
  if (mistakes.length > 0) return
  const host = read('HOST')
  if (host !== undefined && !isLoopbackHost(host)) {
    mistakes.push(
      `HOST is "${host}", but without HUB_MODE the hub has no sign-in and listens on this machine alone. Set HUB_MODE=true, or HOST=127.0.0.1.`,
    )
  }
  for (const name of ['AUTH_CALLBACK_URL', 'ALLOWED_HOSTS', 'ENABLED_AUTH_PROVIDERS'] as const) {
    if (read(name) === undefined) continue
    mistakes.push(
      `${name} is set, but HUB_MODE is not: without it the hub has no sign-in and serves this machine alone. Set HUB_MODE=true, or unset ${name}.`,
    )
  }
  if (read('NODE_ENV') === 'production') {
    mistakes.push(
      'NODE_ENV is production, but HUB_MODE is not set: without it the hub has no sign-in and serves this machine alone. Set HUB_MODE=true; run "bun run demo" to look around.',
    )
  }
}

export function readLocalMode(
  env: Record<string, string | undefined>,
  secret: string | undefined,
  mistakes: string[],
): LocalMode {
  if (secret !== undefined && !/^[\w.~+/-]{32,}=*$/.test(secret)) {
    mistakes.push(
      'HUB_LOCAL_SECRET must have at least 32 letters, digits and . _ ~ + / -; make one with openssl rand -hex 32, or unset it for a new one at each start.',
    )
  }
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path.trim() !== '')
  const paths = listed.length > 0 ? listed : [join(env['HOME'] || homedir(), '.kube', 'config')]
  const secrets = new Set<string>(
    Object.entries(variables).flatMap(([name, variable]) => (variable.secret ? [name] : [])),
  )
  return {
    user: env['USER'] || env['LOGNAME'] || env['USERNAME'] || 'me',
    secret: secret ?? null,
    kubeconfigs: [...new Set(paths.map((path) => resolve(path)))],
    environment: Object.fromEntries(Object.entries(env).filter(([name]) => !secrets.has(name))),
  }
}
