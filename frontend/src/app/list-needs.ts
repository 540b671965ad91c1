import type { Credential, DeploymentList, Instance } from '@hub/shared'
import type { Tone } from '../components/tone.ts'
import { describeExpiry } from '../features/credentials/credential-words.ts'
import { describeState } from '../features/deployments/state-words.ts'
import { addressDeployment, addressInstance } from './addresses.ts'

/** Something that waits for the person, and where the next step is. */
export interface NeedFacts {
  key: string
  tone: Tone
  title: string
  detail: string
  /** How many things it stands for. */
  count: number
  /** What to press, and where it leads. */
  action: { label: string; href: string }
}

export interface NeedSources {
  instances: readonly Instance[]
  /** Deployments in trouble, the first of them; null while they are read. */
  troubled: Pick<DeploymentList, 'items' | 'counts'> | null
  /** Files of credentials, for administrators alone. */
  credentials: readonly Credential[]
  /** Requests for access that wait for this person. */
  waiting: number
  now: number
}

/** What needs somebody: lost instances first, then deployments in trouble, requests, and credentials. */
export function listNeeds(sources: NeedSources): NeedFacts[] {
  const rejected = new Set(
    sources.credentials.flatMap(({ instance, state }) => (state === 'rejected' ? [instance] : [])),
  )
  // Of an instance whose file is rejected the file says more.
  const isExplained = ({ id, status }: Instance) =>
    status.state === 'no-credential' && rejected.has(id)
  return [
    ...sources.instances.filter((each) => !isExplained(each)).flatMap(describeLost),
    ...describeTroubled(sources.troubled),
    ...describeWaiting(sources.waiting),
    ...sources.credentials.flatMap((credential) => describeCredential(credential, sources.now)),
  ]
}

function describeLost({ id, status }: Instance): NeedFacts[] {
  if (status.state === 'ready' || status.state === 'connecting') return []
  return [
    {
      key: `instance ${id}`,
      tone: status.state === 'degraded' ? 'warning' : 'bad',
      title: `${id} ${lostWords[status.state]}`,
      detail: status.reason ?? 'The hub does not know why.',
      count: 1,
      action: { label: 'Open instance', href: `${addressInstance(id)}?tab=cluster` },
    },
  ]
}

const lostWords: Record<Exclude<Instance['status']['state'], 'ready' | 'connecting'>, string> = {
  degraded: 'is degraded',
  unreachable: 'cannot be reached',
  unauthorized: 'refuses the credential',
  'no-crd': 'has no AI Runway',
  'no-credential': 'has no credential',
}

/** How many deployments in trouble are named. */
export const troubledShown = 3

function describeTroubled(troubled: NeedSources['troubled']): NeedFacts[] {
  if (!troubled || troubled.counts.attention === 0) return []
  const { items, counts } = troubled
  const shown = items.slice(0, troubledShown).map((deployment) => {
    const { instance, namespace, name, sentence } = deployment
    const { words, tone } = describeState(deployment)
    return {
      key: `deployment ${instance}/${namespace}/${name}`,
      tone,
      title: `${name} on ${instance}: ${words}`,
      detail: sentence,
      count: 1,
      action: {
        label: 'Open deployment',
        href: addressDeployment(deployment),
      },
    }
  })
  const rest = counts.attention - shown.length
  if (rest <= 0) return shown
  return [
    ...shown,
    {
      key: 'deployments',
      tone: 'bad',
      title: `${rest} more ${rest === 1 ? 'deployment needs' : 'deployments need'} attention`,
      detail: 'Each of them says why on its page.',
      count: rest,
      action: { label: 'Show them', href: '/deployments?status=attention' },
    },
  ]
}

function describeWaiting(waiting: number): NeedFacts[] {
  if (waiting === 0) return []
  return [
    {
      key: 'requests',
      tone: 'busy',
      title: `${waiting} ${waiting === 1 ? 'access request is waiting' : 'access requests are waiting'}`,
      detail: 'Somebody is waiting for your decision.',
      count: waiting,
      action: { label: 'Decide', href: '/access/requests' },
    },
  ]
}

function describeCredential(credential: Credential, now: number): NeedFacts[] {
  const action = { label: 'Open instances', href: '/instances' }
  const { expiresAt, file, reason, state } = credential
  if (state === 'rejected') {
    const detail = reason ?? 'The file is not a kubeconfig that the hub can use.'
    const title = `${file} is rejected`
    return [{ key: `file ${file}`, tone: 'warning', title, detail, count: 1, action }]
  }
  const { words, tone } = describeExpiry(expiresAt, now)
  if (tone !== 'warning' && tone !== 'bad') return []
  const verb = tone === 'bad' ? words : `expires ${words}`
  return [
    {
      key: `file ${file}`,
      tone,
      title: `The credential of ${credential.instance ?? file} ${verb}`,
      detail: 'Replace the kubeconfig; the hub picks up the new one on its own.',
      count: 1,
      action,
    },
  ]
}
