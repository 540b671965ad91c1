import type { DeploymentExplanation, DeploymentState } from '@hub/shared'
import type { ReadDeployment } from '../read-deployment.ts'
import type { ObjectFacts } from '../read-object-facts.ts'
import type { FleetPod } from '../read-pod.ts'
import type { QuotaFacts } from '../read-quota.ts'
import type { WarningFacts } from '../read-warning.ts'
import type { RuntimeFacts } from '../runtimes.ts'

/** How much of one accelerator the nodes have. */
export type Room = {
  /** The most that one node has, whoever holds it. */
  largestNode: number
  /** The most that is free on one node that takes pods. */
  largestFree: number
  free: number
}

/** What is read of a cluster around one deployment; null is what may not be read, or was not yet. */
export type LiveFacts = {
  pods: readonly FleetPod[] | null
  runtimes: readonly RuntimeFacts[] | null
  /** Those of its namespace. */
  quotas: readonly QuotaFacts[] | null
  /** About one object of its namespace. */
  warningsOf: (kind: string, name: string) => readonly WarningFacts[]
  /** About what its Deployments and the like made, and could not make. */
  ownerWarnings: readonly WarningFacts[]
  roomFor: (resource: string) => Room | null
  /** Whether a node is there and does not report itself ready. */
  isNodeDown: (node: string) => boolean
}

export type ExplainFacts = {
  deployment: ReadDeployment
  object: ObjectFacts
  live: LiveFacts
  /** In ms. */
  now: number
}

export type Evidence = DeploymentExplanation['evidence'][number]

/** What keeps one pod from running; `why` ends a sentence that begins with the deployment. */
export type Trouble = {
  state: DeploymentState
  why: string
  evidence: Evidence[]
  next: string
  pod: FleetPod
}

export type Explanation = {
  state: DeploymentState
  sentence: string
  evidence: readonly Evidence[]
  next: string
  /** When time alone makes it another, in ms; null for never. */
  changesAt: number | null
}

/** Where nothing but the object itself is known. */
export const nothingLive: LiveFacts = {
  pods: null,
  runtimes: null,
  quotas: null,
  warningsOf: () => [],
  ownerWarnings: [],
  roomFor: () => null,
  isNodeDown: () => false,
}
