export { type Group, type ProvenGroups } from './groups.ts'
export { signInUser, type ProvenIdentity } from './sign-in-user.ts'
