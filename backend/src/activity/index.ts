export { createActivityList, type ListActivity } from './list-activity.ts'
export { activityOperations } from './operations.ts'
