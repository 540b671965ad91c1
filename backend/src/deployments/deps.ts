import type { Instances } from '#clusters'
import type { Fleet } from '#fleet'

export type DeploymentDeps = { instances: Instances; fleet: Fleet }

/** Where one deployment is. */
export type DeploymentCoordinates = { instance: string; namespace: string; name: string }
