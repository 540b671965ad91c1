export {
  findGrantedAdministrators,
  hasOtherAdministrator,
  type UserDeps,
} from './administrators.ts'
export { mergeGroups, type Group, type ProvenGroups } from './groups.ts'
export { indexGroups } from './index-groups.ts'
export { userNotFound } from './list-users.ts'
export { signInUser, type ProvenIdentity } from './sign-in-user.ts'
export {
  findIdentityById,
  findPerson,
  lockPerson,
  within,
  type IdentityRow,
  type Person,
} from './store.ts'
