export {
  authorize,
  instanceNotFound,
  isAllowed,
  requireUser,
  unauthenticated,
} from './authorize.ts'
export { decide, hubWide, requiredRole, roleLevel, type Scope } from './decide.ts'
