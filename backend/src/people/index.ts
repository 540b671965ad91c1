export {
  findGrantedAdministrators,
  hasOtherAdministrator,
  type UserDeps,
} from './administrators.ts'
export {
  findIdentityFault,
  isEmailAllowed,
  isIdentityEnabled,
  type IdentityFault,
} from './find-identity-fault.ts'
export { isVouchedFor } from './vouched-grants.ts'
export { identityColumns, type CheckedIdentity } from './identity-columns.ts'
export { mergeGroups, type Group, type ProvenGroups } from './groups.ts'
export { indexGroups } from './index-groups.ts'
export { userNotFound } from './list-users.ts'
export { signInUser, type LastingTokens, type ProvenIdentity } from './sign-in-user.ts'
export {
  findIdentityById,
  findPerson,
  lockPerson,
  within,
  type IdentityRow,
  type JudgedIdentity,
  type Person,
} from './store.ts'
export { peopleOperations } from './operations.ts'
export type { LinkDeps } from './link-identity.ts'
