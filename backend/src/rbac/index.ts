export {
  authorize,
  findCoveringGrants,
  instanceNotFound,
  isAllowed,
  isOffered,
  leastRole,
  mayAnywhere,
  requireCaller,
  refuseModelsOnly,
  requireUser,
  unauthenticated,
  unknownPerson,
} from './authorize.ts'
export { requireFresh } from './require-fresh.ts'
export { decide, hubWide, type Scope } from './decide.ts'
export { explainGrant } from './explain-grant.ts'
