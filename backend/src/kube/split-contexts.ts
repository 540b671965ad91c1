import { dirname, isAbsolute, resolve, sep } from 'node:path'
import { isRecord } from './objects.ts'
import { readYaml } from './read-yaml.ts'
import { Refusal } from './refusal.ts'

export type KubeconfigFile = { path: string; text: string }

export type SplitContexts = {
  /** Each with a kubeconfig (JSON) whose current context it is. */
  contexts: { name: string; kubeconfig: string }[]
  /** The files that cannot be read; what the others say counts. */
  problems: { path: string; reason: string; fix: string }[]
}

/**
 * All contexts of several kubeconfigs, merged as kubectl merges KUBECONFIG: of entries with one name the first counts, and
 * a relative path starts at the file that it stands in.
 */
export function splitContexts(files: readonly KubeconfigFile[]): SplitContexts {
  const clusters = new Map<string, Record<string, unknown>>()
  const users = new Map<string, Record<string, unknown>>()
  const contexts = new Map<string, Record<string, unknown>>()
  const problems: SplitContexts['problems'] = []
  for (const { path, text } of files) {
    if (text.trim() === '') continue
    try {
      const config = readYaml(text, { as: 'kubectl' })
      const folder = dirname(path)
      addAll(clusters, config, 'clusters', 'cluster', (cluster) =>
        resolvePaths(cluster, ['certificate-authority'], folder),
      )
      addAll(users, config, 'users', 'user', (user) => resolveUser(user, folder))
      addAll(contexts, config, 'contexts', 'context', (context) => context)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      problems.push({ path, reason: error.message, fix: error.fix })
    }
  }
  return {
    problems,
    contexts: [...contexts].map(([name, context]) => ({
      name,
      kubeconfig: JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': name,
        contexts: [{ name, context }],
        clusters: named(clusters, 'cluster', context['cluster']),
        users: named(users, 'user', context['user']),
      }),
    })),
  }
}

function addAll(
  known: Map<string, Record<string, unknown>>,
  config: Record<string, unknown>,
  list: string,
  field: string,
  prepare: (entry: Record<string, unknown>) => Record<string, unknown>,
): void {
  const items: unknown[] = Array.isArray(config[list]) ? config[list] : []
  for (const item of items.filter(isRecord)) {
    const { name, [field]: entry } = item
    if (typeof name !== 'string' || name === '' || !isRecord(entry) || known.has(name)) continue
    known.set(name, prepare(entry))
  }
}

function named(known: Map<string, Record<string, unknown>>, field: string, name: unknown) {
  const entry = typeof name === 'string' ? known.get(name) : undefined
  return entry ? [{ name, [field]: entry }] : []
}

function resolveUser(user: Record<string, unknown>, folder: string): Record<string, unknown> {
  const resolved = resolvePaths(user, ['client-certificate', 'client-key', 'tokenFile'], folder)
  const { exec } = resolved
  if (!isRecord(exec) || typeof exec['command'] !== 'string') return resolved
  const { command } = exec
  // A bare name is looked for on the PATH.
  const isPath = command.includes('/') || command.includes(sep)
  if (!isPath || isAbsolute(command)) return resolved
  return { ...resolved, exec: { ...exec, command: resolve(folder, command) } }
}

function resolvePaths(
  entry: Record<string, unknown>,
  fields: readonly string[],
  folder: string,
): Record<string, unknown> {
  const resolved = { ...entry }
  for (const field of fields) {
    const path = entry[field]
    if (typeof path === 'string' && path !== '') resolved[field] = resolve(folder, path)
  }
  return resolved
}
