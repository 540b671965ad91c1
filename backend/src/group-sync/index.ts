export { prepareForgetting } from './forget-ended-tokens.ts'
export { createGroupSyncJob } from './create-job.ts'
