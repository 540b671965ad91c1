import { InstanceId, InstancePolicy, InstancePolicyInput } from '@hub/shared'
import * as z from 'zod'
import { defineOperation } from '#operation'
import { deletePolicy, getPolicy, putPolicy, type PolicyDeps } from './change-policy.ts'

const InstancePath = z.object({ instance: InstanceId })

export const policyOperations = [
  defineOperation({
    id: 'getPolicy',
    tag: 'Instances',
    summary: 'What may reach the pods of an instance',
    description:
      'What deployers may set of the fields that reach a pod, from where images may come, and whether deployers have to start from a template.',
    policy: { permission: 'instance.view', scope: 'instance' },
    effect: 'read',
    tool: {
      name: 'get_policy',
      description:
        'What a deployment on this instance may hold: image registries, secrets, overrides. Ask before create_deployment with any of these.',
    },
    input: { path: InstancePath },
    output: InstancePolicy,
    http: { method: 'get', path: '/api/instances/:instance/policy', status: 200 },
    run: (ctx, deps: PolicyDeps, { path }) => getPolicy(ctx, deps, path.instance),
  }),
  defineOperation({
    id: 'putPolicy',
    tag: 'Instances',
    summary: 'Say what may reach the pods of an instance',
    description:
      'Holds at once for what is created and changed from now on. What the configuration file says is changed there.',
    policy: { permission: 'instance.manage', scope: 'instance', isFresh: true },
    effect: 'write',
    tool: { none: 'What may reach a pod is decided by people.' },
    input: { path: InstancePath, body: InstancePolicyInput },
    output: InstancePolicy,
    problems: ['conflict'],
    http: { method: 'put', path: '/api/instances/:instance/policy', status: 200 },
    run: (ctx, deps: PolicyDeps, { path, body }) => putPolicy(ctx, deps, path.instance, body),
  }),
  defineOperation({
    id: 'deletePolicy',
    tag: 'Instances',
    summary: 'Go back to the default policy of instances',
    policy: { permission: 'instance.manage', scope: 'instance', isFresh: true },
    effect: 'write',
    tool: { none: 'What may reach a pod is decided by people.' },
    input: { path: InstancePath },
    output: InstancePolicy,
    problems: ['conflict'],
    http: { method: 'delete', path: '/api/instances/:instance/policy', status: 200 },
    run: (ctx, deps: PolicyDeps, { path }) => deletePolicy(ctx, deps, path.instance),
  }),
] as const
