import type { Fleet } from '#fleet'
import type { Instances } from '#instances'

export type DeploymentDeps = { instances: Instances; fleet: Fleet }

/** Where one deployment is. */
export type DeploymentCoordinates = { instance: string; namespace: string; name: string }
