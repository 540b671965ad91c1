import type {
  Deployment,
  DeploymentFilter,
  DeploymentState,
  DeploymentStatusFilter,
} from './deployments.ts'

type StatusFacts = Pick<Deployment, 'state'>
type FilterFacts = StatusFacts &
  Pick<
    Deployment,
    'createdBy' | 'engine' | 'instance' | 'model' | 'name' | 'namespace' | 'runtime'
  > & { gpus: Pick<Deployment['gpus'], 'perReplica' | 'type'> }

const statuses = {
  running: 'running',
  'partly-running': 'attention',
  starting: 'starting',
  'downloading-model': 'starting',
  'waiting-for-gpus': 'attention',
  'waiting-for-node': 'attention',
  'quota-used-up': 'attention',
  'image-not-pulled': 'attention',
  crashing: 'attention',
  'secret-missing': 'attention',
  'volume-missing': 'attention',
  'not-reconciled': 'attention',
  'runtime-missing': 'attention',
  'runtime-not-ready': 'attention',
  'change-not-seen': 'starting',
  'update-blocked': 'attention',
  paused: 'attention',
  failed: 'attention',
  deleting: 'deleting',
  'deletion-held': 'attention',
  unknown: 'attention',
} as const satisfies Record<DeploymentState, DeploymentStatusFilter>

/** The group of states that people find a deployment in: each is in exactly one. */
export function statusOfDeployment({ state }: StatusFacts): DeploymentStatusFilter {
  return statuses[state]
}

/** What `gpu` of a filter finds it by. */
export function gpuOfDeployment({ gpus }: Pick<FilterFacts, 'gpus'>): string {
  return gpus.perReplica === 0 ? 'none' : (gpus.type ?? 'any')
}

/** The same filter with the caller's principal where it says `me`. */
export function withOwner<Filter extends DeploymentFilter>(filter: Filter, me: string): Filter {
  return filter.owner === 'me' ? { ...filter, owner: me } : filter
}

/** The fields that a filter names exactly, and what a deployment has in each: null where it has none. */
export const deploymentFields = {
  instance: ({ instance }) => instance,
  namespace: ({ namespace }) => namespace,
  model: ({ model }) => model.id,
  owner: ({ createdBy }) => createdBy,
  gpu: gpuOfDeployment,
  engine: ({ engine }) => engine,
} as const satisfies Record<string, (deployment: FilterFacts) => string | null>
export type DeploymentField = keyof typeof deploymentFields
const fields = Object.keys(deploymentFields) as DeploymentField[]

/** What a list asks for, decided in the hub and in the portal alike. */
export type DeploymentMatcher = {
  /** Whether anything but a place and a status is asked for. */
  readonly isSearch: boolean
  /** Whether it has the words that are searched for; `text` is its searchable text, where that is at hand. */
  hasWords(deployment: FilterFacts, text?: string): boolean
  /** Whether it is within a list's counts, which count every status. */
  isCounted(deployment: FilterFacts, text?: string): boolean
  /** Whether it is in the list itself. */
  isListed(deployment: FilterFacts): boolean
  /** What of `isListed` comes after `isCounted`. */
  hasStatus(status: DeploymentStatusFilter): boolean
}

/**
 * Every word has to be in one of the fields that are searched, whatever its case. Whoever calls it has put a principal
 * where `owner` is `me`.
 */
export function matchDeployments(filter: DeploymentFilter): DeploymentMatcher {
  const { q, status } = filter
  const asked = fields.filter((field) => filter[field] !== undefined)
  const words = (q ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  const hasWords: DeploymentMatcher['hasWords'] = (deployment, text) => {
    if (words.length === 0) return true
    const within = text ?? searchableText(deployment)
    return words.every((word) => within.includes(word))
  }
  const hasFields = (deployment: FilterFacts) =>
    asked.every((field) => deploymentFields[field](deployment) === filter[field])
  const isCounted: DeploymentMatcher['isCounted'] = (deployment, text) =>
    hasFields(deployment) && hasWords(deployment, text)
  const hasStatus = (of: DeploymentStatusFilter) => status === undefined || of === status
  return {
    isSearch:
      words.length > 0 || asked.some((field) => field !== 'instance' && field !== 'namespace'),
    hasWords,
    isCounted,
    hasStatus,
    isListed: (deployment) => hasStatus(statusOfDeployment(deployment)) && isCounted(deployment),
  }
}

/** What words are searched for in: a line for each field, so that no word is found across two of them. */
export function searchableText(deployment: FilterFacts): string {
  const { engine, instance, model, name, namespace, runtime } = deployment
  return [name, model.id, model.servedName, namespace, instance, engine, runtime]
    .join('\n')
    .toLowerCase()
}
