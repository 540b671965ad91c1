import type { ClusterPermission, InstanceState, Preflight } from '@hub/shared'

/** Whether the cluster answers, so that it can be asked about rights. */
export function canAskCluster(state: InstanceState): boolean {
  return state === 'ready' || state === 'degraded' || state === 'no-crd'
}

/** "list and watch nodes", a phrase for each kind of object. */
export function describeMissing(missing: readonly ClusterPermission[]): string[] {
  const asked = new Map<string, { verbs: Set<string>; names: Set<string> }>()
  for (const permission of missing) {
    const what = describeObject(permission)
    const { names, verbs } = asked.get(what) ?? { verbs: new Set(), names: new Set() }
    verbs.add(permission.verb)
    if (permission.name !== undefined) names.add(permission.name)
    asked.set(what, { verbs, names })
  }
  return [...asked].map(([what, { names, verbs }]) =>
    [joinWords([...verbs]), what, joinWords([...names])].filter(Boolean).join(' '),
  )
}

function describeObject({ group, resource, subresource, namespace }: ClusterPermission): string {
  const kind = `${resource}${subresource === null ? '' : `/${subresource}`}`
  const name = group === '' ? kind : `${kind}.${group}`
  return namespace === null ? name : `${name} in ${namespace}`
}

function joinWords(words: readonly string[]): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

/** How many features lack something: "Nothing is missing", "1 required and 2 optional features lack permissions". */
export function summarizePreflight({ features }: Pick<Preflight, 'features'>): {
  words: string
  tone: 'good' | 'warning' | 'bad'
} {
  const lacking = features.filter(({ missing }) => missing.length > 0)
  if (lacking.length === 0) {
    return { words: 'The credential may do everything the hub needs.', tone: 'good' }
  }
  const required = lacking.filter(({ required: isRequired }) => isRequired).length
  const optional = lacking.length - required
  const parts = [
    required > 0 && `${required} required`,
    optional > 0 && `${optional} optional`,
  ].filter((part) => part !== false)
  const noun = lacking.length === 1 ? 'feature lacks' : 'features lack'
  return {
    words: `${parts.join(' and ')} ${noun} permissions.`,
    tone: required > 0 ? 'bad' : 'warning',
  }
}
