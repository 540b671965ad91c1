import { FleetMap } from '@hub/shared'
import { defineOperation } from '#operation'
import type { GetFleetMap } from './get-map.ts'

export const fleetOperations = [
  defineOperation({
    id: 'getFleetMap',
    tag: 'Instances',
    summary: 'Every accelerator, and who holds it',
    description:
      'Of the instances that the caller may see, node by node, with an `ETag`. Deployments that the caller may not see are counted, not named. To be read again where an `instance` event says that its capacity is another.',
    policy: 'signed-in',
    effect: 'read',
    output: { kept: FleetMap },
    http: { method: 'get', path: '/api/fleet/map', status: 200 },
    run: (ctx, deps: { getFleetMap: GetFleetMap }) => deps.getFleetMap(ctx),
  }),
] as const
