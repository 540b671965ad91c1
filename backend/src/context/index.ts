export {
  describeActor,
  type Actor,
  type AnonymousActor,
  type ClusterRightsOfUser,
  type SystemActor,
  type UserActor,
} from './actor.ts'
export { withActor, type Clock, type HubEnv, type RequestContext } from './request-context.ts'
