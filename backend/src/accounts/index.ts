export {
  authenticate,
  reauthenticate,
  type Authenticated,
  type SessionUse,
} from './authenticate.ts'
