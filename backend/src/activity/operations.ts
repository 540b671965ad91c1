import { ActivityList, ActivityQuery } from '@hub/shared'
import { defineOperation } from '#operation'
import type { ListActivity } from './list-activity.ts'

export const activityOperations = [
  defineOperation({
    id: 'listActivity',
    tag: 'Fleet',
    summary: 'Who changed what, newest first',
    description:
      'Changes of deployments that the caller may see; for administrators of access and credentials as well.',
    policy: 'signed-in',
    effect: 'read',
    tool: {
      name: 'list_activity',
      description: 'Who changed what lately, on the instances that the caller may see.',
    },
    input: { query: ActivityQuery },
    output: ActivityList,
    http: { method: 'get', path: '/api/fleet/activity', status: 200 },
    run: (ctx, deps: { listActivity: ListActivity }, { query }) => deps.listActivity(ctx, query),
  }),
] as const
