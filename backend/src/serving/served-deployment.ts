import type { FleetDeployment } from '#fleet'

/** What has to be known of a deployment to reach its model. */
export type ServedDeployment = Pick<FleetDeployment, 'instance' | 'namespace' | 'name' | 'endpoint'>
