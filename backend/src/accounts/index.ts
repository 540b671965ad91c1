export {
  authenticate,
  reauthenticate,
  type Authenticated,
  type SessionUse,
} from './authenticate.ts'
export { accountOperations } from './operations.ts'
