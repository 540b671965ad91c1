import type { KubeObject, Untyped } from '../objects.ts'

/** Whether the pod tolerates the taint, as the scheduler reads tolerations. */
export function tolerates(pod: KubeObject, taint: Untyped): boolean {
  return (pod['spec'].tolerations ?? []).some(
    (each: Untyped) =>
      (!each.effect || each.effect === taint.effect) &&
      (!each.key || each.key === taint.key) &&
      (each.operator === 'Exists' || (each.key && (each.value ?? '') === (taint.value ?? ''))),
  )
}

/** Whether nodeSelector and required node affinity allow the node. */
export function selectsNode(pod: KubeObject, node: KubeObject): boolean {
  const labels = node.metadata.labels ?? {}
  const selector = Object.entries(pod['spec'].nodeSelector ?? {})
  if (!selector.every(([key, value]) => labels[key] === value)) return false
  const terms = requiredTerms(pod)
  return terms === undefined || terms.some((term) => matchesTerm(term, node))
}

/**
 * The names that the affinity narrows the choice to before any node is looked at; null when it does not. Terms are
 * alternatives: one without a name leaves all nodes in.
 */
export function narrowToNames(pod: KubeObject): ReadonlySet<string> | null {
  const terms = requiredTerms(pod) ?? []
  const names = new Set<string>()
  for (const term of terms) {
    const lists: string[][] = (term.matchFields ?? [])
      .filter((each: Untyped) => each.key === 'metadata.name' && each.operator === 'In')
      .map((each: Untyped) => each.values)
    const [first, ...others] = lists
    if (!first) return null
    for (const name of first) if (others.every((list) => list.includes(name))) names.add(name)
  }
  return terms.length > 0 ? names : null
}

function requiredTerms(pod: KubeObject): Untyped[] | undefined {
  return pod['spec'].affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
    ?.nodeSelectorTerms
}

function matchesTerm({ matchExpressions = [], matchFields = [] }: Untyped, node: KubeObject) {
  if (matchExpressions.length + matchFields.length === 0) return false // an empty term selects nothing
  const { labels = {}, name } = node.metadata
  return (
    matchExpressions.every((each: Untyped) => matches(each, labels[each.key])) &&
    matchFields.every((each: Untyped) => matches(each, name))
  )
}

function matches({ operator, values = [] }: Untyped, actual: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return actual !== undefined && values.includes(actual)
    case 'NotIn':
      return actual === undefined || !values.includes(actual)
    case 'Exists':
      return actual !== undefined
    case 'DoesNotExist':
      return actual === undefined
    case 'Gt':
      return isInteger(actual) && Number(actual) > Number(values[0])
    case 'Lt':
      return isInteger(actual) && Number(actual) < Number(values[0])
    default:
      return false
  }
}

function isInteger(text: string | undefined): boolean {
  return text !== undefined && /^[+-]?\d+$/.test(text)
}
