import type { Instances } from '#clusters'
import type { Budgets } from '#budgets'
import type { Confirmations } from '#confirmations'
import type { Fleet } from '#fleet'
import type { Recorder } from './history/recorder.ts'
import type { Policies } from './policies/policies.ts'

export type DeploymentDeps = {
  instances: Instances
  fleet: Fleet
  policies: Policies
  history: Recorder
  confirmations: Confirmations
  budgets: Budgets
}

/** Where one deployment is. */
export type DeploymentCoordinates = { instance: string; namespace: string; name: string }
