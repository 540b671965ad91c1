import { FleetHistory, FleetMap } from '@hub/shared'
import { defineOperation } from '#operation'
import type { GetFleetHistory } from './gpu-history.ts'
import type { GetFleetMap } from './get-map.ts'

export const fleetOperations = [
  defineOperation({
    id: 'getFleetMap',
    tag: 'Fleet',
    summary: 'Every accelerator, and who holds it',
    description:
      'Of the instances that the caller may see, node by node, with an `ETag`. Deployments that the caller may not see are counted, not named. Read it again when an `instance` event says that the capacity has changed.',
    policy: 'signed-in',
    effect: 'read',
    tool: { none: 'get_capacity says in fewer words what fits.' },
    output: { kept: FleetMap },
    http: { method: 'get', path: '/api/fleet/map', status: 200 },
    run: (ctx, deps: { getFleetMap: GetFleetMap }) => deps.getFleetMap(ctx),
  }),
  defineOperation({
    id: 'getFleetHistory',
    tag: 'Fleet',
    summary: 'How accelerators were used recently',
    description:
      'Of the instances that the caller may see, minute by minute for six hours, with an `ETag`. It is lost when the hub restarts, and each replica keeps its own.',
    policy: 'signed-in',
    effect: 'read',
    tool: { none: 'A chart for people; get_capacity says what is free now.' },
    output: { kept: FleetHistory },
    http: { method: 'get', path: '/api/fleet/history', status: 200 },
    run: (ctx, deps: { getFleetHistory: GetFleetHistory }) => deps.getFleetHistory(ctx),
  }),
] as const
