export {
  authorize,
  instanceNotFound,
  isAllowed,
  requireUser,
  unauthenticated,
} from './authorize.ts'
export { decide, hubWide, type Scope } from './decide.ts'
