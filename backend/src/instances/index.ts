export { getInstance, requireInstance } from './get-instance.ts'
export { listInstances, type InstanceDeps } from './list-instances.ts'
export { listNamespaces } from './list-namespaces.ts'
export { presentInstance } from './present.ts'
