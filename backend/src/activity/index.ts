export { createActivityList, type ListActivity } from './list-activity.ts'
export { createAgentCallList, type ListAgentCalls } from './list-agent-calls.ts'
export { activityOperations } from './operations.ts'
