export { prepareForgetting } from './forget-ended-tokens.ts'
export { startGroupSync } from './start-group-sync.ts'
