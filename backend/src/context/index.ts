export {
  describeActor,
  isCaller,
  isConcerned,
  type Actor,
  type AnonymousActor,
  type ClusterRightsOfUser,
  type SystemActor,
  type Caller,
  type GuestActor,
  type ServiceActor,
  type UserActor,
  type UserCredential,
} from './actor.ts'
export type { Job, JobRound } from './job.ts'
export type { OwnToken, OwnTokens } from './own-tokens.ts'
export { withActor, withAgentCall, type Clock, type RequestContext } from './request-context.ts'
export type { Client } from './client.ts'
