import type { KubeObject } from '../objects.ts'
import type { User } from './authentication.ts'
import type { Resource } from './resource.ts'

/** A creation, or a change of `oldObject`, on its way into the storage. */
export type AdmissionRequest = {
  resource: Resource
  operation: 'CREATE' | 'UPDATE'
  object: KubeObject
  oldObject: KubeObject | undefined
  user: User
  dryRun: boolean
}
