export { askUsage } from './ask-usage.ts'
export {
  clientGone,
  createUsage,
  describeUse,
  type Meter,
  type Usage,
  type Use,
} from './create-usage.ts'
export { followAnswer } from './follow-answer.ts'
export type { AnswerFollower } from './answer-follower.ts'
export { createGpuTimeJob } from './gpu-time.ts'
export type { UsageDeps } from './get-usage.ts'
export { usageOperations } from './operations.ts'
export { deleteOldUsage, findUsed, takeOfWindow } from './store.ts'
