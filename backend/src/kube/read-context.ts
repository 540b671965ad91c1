import { isRecord } from './objects.ts'
import { listNames, readText, shorten } from './read-field.ts'
import { howToMake, Refusal } from './refusal.ts'

/** The current context, and the cluster and user that it names. Throws Refusal. */
export function readContext(config: Record<string, unknown>) {
  const current = config['current-context']
  if (typeof current !== 'string' || current === '') {
    throw new Refusal(
      'The kubeconfig has no current-context.',
      'Choose one with "kubectl config use-context <name>" before copying the file.',
    )
  }
  const context = readNamed(config, 'contexts', 'context', current, 'current-context')
  const clusterName = requireName(context, 'cluster', current)
  const userName = requireName(context, 'user', current)
  const others = names(config, 'contexts').filter((name) => name !== current)
  const namespace = readText(context, 'namespace', 'context')
  if (namespace !== null && !/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace)) {
    throw new Refusal(
      `The "namespace" of the context "${shorten(current)}" cannot be the name of one.`,
      'Correct or remove it.',
    )
  }
  return {
    namespace,
    cluster: readNamed(config, 'clusters', 'cluster', clusterName, `context "${shorten(current)}"`),
    user: readNamed(config, 'users', 'user', userName, `context "${shorten(current)}"`),
    warnings:
      others.length === 0
        ? []
        : [
            `Only the current context "${shorten(current)}" is used; ignored: ${listNames(others)}.`,
          ],
  }
}

function readNamed(
  config: Record<string, unknown>,
  list: 'contexts' | 'clusters' | 'users',
  field: 'context' | 'cluster' | 'user',
  name: string,
  namedBy: string,
): Record<string, unknown> {
  const items = Array.isArray(config[list]) ? config[list].filter(isRecord) : []
  const found = items.filter((item) => item.name === name)
  if (found.length > 1) {
    throw new Refusal(
      `The kubeconfig has more than one ${field} named "${shorten(name)}".`,
      'Give each its own name.',
    )
  }
  const value = found[0]?.[field]
  if (!isRecord(value)) {
    throw new Refusal(
      `The kubeconfig's ${namedBy} names the ${field} "${shorten(name)}", which the file does not hold.`,
      howToMake,
    )
  }
  return value
}

function requireName(context: Record<string, unknown>, field: 'cluster' | 'user', current: string) {
  const name = context[field]
  if (typeof name === 'string' && name !== '') return name
  throw new Refusal(`The context "${shorten(current)}" names no ${field}.`, howToMake)
}

function names(config: Record<string, unknown>, list: string): string[] {
  const items: unknown[] = Array.isArray(config[list]) ? config[list] : []
  return items
    .filter(isRecord)
    .map((item) => item.name)
    .filter((name) => typeof name === 'string')
}
