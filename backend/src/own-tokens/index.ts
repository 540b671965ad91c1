export { createOwnTokens, type FindOwnTokens } from './create-own-tokens.ts'
