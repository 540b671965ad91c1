export {
  authorize,
  instanceNotFound,
  isAllowed,
  isOffered,
  mayAnywhere,
  requireCaller,
  requireUser,
  unauthenticated,
} from './authorize.ts'
export { requireFresh } from './require-fresh.ts'
export { decide, hubWide, type Scope } from './decide.ts'
export { explainGrant } from './explain-grant.ts'
