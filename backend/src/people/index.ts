export type { PeopleDeps } from './deps.ts'
export { findByPrincipal, findCountingPrincipals } from './find-by-principal.ts'
export {
  canSignIn,
  findIdentityFault,
  isEmailAllowed,
  isIdentityEnabled,
  type IdentityFault,
} from './find-identity-fault.ts'
export { indexGroups, updateGroups } from './groups/index-groups.ts'
export { mergeGroups, type Group, type ProvenGroups } from './groups/merge-groups.ts'
export {
  claimIdentity,
  countMembers,
  findDueIdentities,
  findIdentitiesNaming,
  findKeptTokens,
  findKnownGroups,
  findMemberships,
  forgetTokens,
  type DueIdentity,
} from './groups/store.ts'
export { getUser, userNotFound } from './list-users.ts'
export { signInUser, type LastingTokens, type ProvenIdentity } from './sign-in-user.ts'
export {
  findByPrincipals,
  findCheckedIdentity,
  findCheckedPerson,
  findIdentitiesOfSubject,
  findIdentityById,
  findIdentityIds,
  findNamesOfPeople,
  findUserAndIdentity,
  moveIdentity,
} from './identities/store.ts'
export type {
  CheckedIdentityOfUser,
  CheckedPerson,
  IdentityRow,
  JudgedIdentity,
  Person,
} from './rows.ts'
export {
  deleteUser,
  findPeopleByIds,
  findPerson,
  findProfiles,
  insertUserAlone,
  isPerson,
  lockPerson,
  setDisabled,
  type Profile,
} from './store.ts'
export { peopleOperations } from './operations.ts'
