export { signInUser, type ProvenIdentity } from './sign-in-user.ts'
