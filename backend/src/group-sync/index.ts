export { prepareForgetting } from './forget-ended-tokens.ts'
export { renewTokens } from './renew-tokens.ts'
export { createGroupSyncJob } from './create-job.ts'
