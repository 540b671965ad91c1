import type { Deployment, DeploymentsQuery, DeploymentStatusFilter } from './deployments.ts'

type StatusFacts = Pick<Deployment, 'deletingSince' | 'phase'> & {
  replicas: Pick<Deployment['replicas'], 'desired' | 'ready'>
}
type FilterFacts = StatusFacts &
  Pick<Deployment, 'engine' | 'instance' | 'model' | 'name' | 'namespace' | 'runtime'>

/** The group of phases that people find a deployment in: each is in exactly one. */
export function statusOfDeployment({
  deletingSince,
  phase,
  replicas,
}: StatusFacts): DeploymentStatusFilter {
  if (deletingSince !== null || phase === 'Terminating') return 'deleting'
  if (phase === 'Failed') return 'attention'
  if (phase === 'Running') return replicas.ready < replicas.desired ? 'attention' : 'running'
  return 'starting'
}

export type DeploymentFilter = Pick<DeploymentsQuery, 'instance' | 'namespace' | 'q' | 'status'>

/** What a list asks for, decided in the hub and in the portal alike. */
export type DeploymentMatcher = {
  /** Whether anything but a place and a status is asked for. */
  readonly isSearch: boolean
  /** Whether it is within a list's counts, which count every status. */
  isCounted(deployment: FilterFacts): boolean
  /** Whether it is in the list itself. */
  isListed(deployment: FilterFacts): boolean
  /** What of `isListed` comes after `isCounted`. */
  hasStatus(status: DeploymentStatusFilter): boolean
}

/** Every word has to be in one of the fields that are searched, whatever its case. */
export function matchDeployments({
  instance,
  namespace,
  q,
  status,
}: DeploymentFilter): DeploymentMatcher {
  const words = (q ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  const hasWords = (deployment: FilterFacts) => {
    if (words.length === 0) return true
    const text = searchableText(deployment)
    return words.every((word) => text.includes(word))
  }
  const isCounted = (deployment: FilterFacts) =>
    (instance === undefined || deployment.instance === instance) &&
    (namespace === undefined || deployment.namespace === namespace) &&
    hasWords(deployment)
  const hasStatus = (of: DeploymentStatusFilter) => status === undefined || of === status
  return {
    isSearch: words.length > 0,
    isCounted,
    hasStatus,
    isListed: (deployment) => hasStatus(statusOfDeployment(deployment)) && isCounted(deployment),
  }
}

/** A deployment that changes is another object. */
const texts = new WeakMap<FilterFacts, string>()

/** A line for each, so that no word is found across two of them. */
function searchableText(deployment: FilterFacts): string {
  const known = texts.get(deployment)
  if (known !== undefined) return known
  const { engine, instance, model, name, namespace, runtime } = deployment
  const text = [name, model.id, model.servedName, namespace, instance, engine, runtime]
    .join('\n')
    .toLowerCase()
  texts.set(deployment, text)
  return text
}
