import { InstanceId, Maintenance, MaintenanceInput } from '@hub/shared'
import * as z from 'zod'
import { defineOperation } from '#operation'
import type { InstanceDeps } from '../list-instances.ts'
import { closeInstance, openInstance } from './change-maintenance.ts'

const InstancePath = z.object({ instance: InstanceId })

export const maintenanceOperations = [
  defineOperation({
    id: 'closeInstance',
    tag: 'Instances',
    summary: 'Close an instance for new deployments',
    description:
      'Until the time that is given, when it opens by itself. What is there stays visible, and can be changed and deleted.',
    policy: { permission: 'instance.manage', scope: 'instance' },
    effect: 'write',
    tool: { none: 'Whether an instance is closed is decided by people.' },
    input: { path: InstancePath, body: MaintenanceInput },
    output: Maintenance,
    http: { method: 'put', path: '/api/instances/:instance/maintenance', status: 200 },
    run: (ctx, deps: InstanceDeps, { path, body }) => closeInstance(ctx, deps, path.instance, body),
  }),
  defineOperation({
    id: 'openInstance',
    tag: 'Instances',
    summary: 'Open an instance for new deployments',
    policy: { permission: 'instance.manage', scope: 'instance' },
    effect: 'write',
    tool: { none: 'Whether an instance is closed is decided by people.' },
    input: { path: InstancePath },
    output: null,
    http: { method: 'delete', path: '/api/instances/:instance/maintenance', status: 204 },
    run: (ctx, deps: InstanceDeps, { path }) => openInstance(ctx, deps, path.instance),
  }),
] as const
