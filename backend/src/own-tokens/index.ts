export { createProfileCheck } from './check-profiles.ts'
export { createOwnTokens, type FindOwnTokens } from './create-own-tokens.ts'
export { ownTokenOperations } from './operations.ts'
