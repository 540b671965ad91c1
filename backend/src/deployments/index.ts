export { createDeployment, type CreateDeploymentTarget } from './create.ts'
export { deleteDeployment } from './delete.ts'
export type { DeploymentCoordinates, DeploymentDeps } from './deps.ts'
export { getDeployment } from './get.ts'
