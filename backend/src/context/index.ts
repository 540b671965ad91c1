export {
  describeActor,
  type Actor,
  type AnonymousActor,
  type ClusterRightsOfUser,
  type SystemActor,
  type UserActor,
} from './actor.ts'
export type { Clock, HubEnv, RequestContext } from './request-context.ts'
