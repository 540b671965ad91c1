import { ActivityList, ActivityQuery, AgentCallPage } from '@hub/shared'
import { defineOperation } from '#operation'
import type { ListActivity } from './list-activity.ts'
import type { ListAgentCalls } from './list-agent-calls.ts'

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
  defineOperation({
    id: 'listAgentCalls',
    tag: 'Session',
    summary: "What agents did in the caller's name",
    description:
      'Changes and refusals, newest first, as the audit log has them; what an agent only read is a line of the log of the hub.',
    policy: 'person',
    effect: 'read',
    tool: { none: 'What agents did is read by people, and by whoever collects the log.' },
    input: { query: ActivityQuery },
    output: AgentCallPage,
    http: { method: 'get', path: '/api/auth/agent-calls', status: 200 },
    run: (ctx, deps: { listAgentCalls: ListAgentCalls }, { query }) =>
      deps.listAgentCalls(ctx, query),
  }),
] as const
