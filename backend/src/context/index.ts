export {
  describeActor,
  isCaller,
  isConcerned,
  type Actor,
  type AnonymousActor,
  type ClusterRightsOfUser,
  type SystemActor,
  type Caller,
  type ServiceActor,
  type UserActor,
  type UserCredential,
} from './actor.ts'
export type { Job, JobRound } from './job.ts'
export { withActor, type Clock, type HubEnv, type RequestContext } from './request-context.ts'
