import {
  CapacityNow,
  Instance,
  InstanceHealth,
  InstanceId,
  InstanceList,
  NamespaceList,
  Preflight,
} from '@hub/shared'
import * as z from 'zod'
import { clusterProblems } from '#kube'
import { defineOperation } from '#operation'
import { getCapacity, getHealth, getInstance, type HealthDeps } from './get-instance.ts'
import { listInstances, type InstanceDeps } from './list-instances.ts'
import { listNamespaces } from './list-namespaces.ts'
import type { ProfileDeps } from './oidc/profiles.ts'
import { checkPreflight } from './preflight.ts'

const InstancePath = z.object({ instance: InstanceId })

export const instanceOperations = [
  defineOperation({
    id: 'listInstances',
    tag: 'Instances',
    summary: 'The instances',
    description: 'Those that the caller may see.',
    policy: 'signed-in',
    effect: 'read',
    tool: {
      name: 'list_instances',
      description:
        'Lists the Kubernetes clusters (instances) that the caller may see, with health, GPUs and what the caller may do there.',
      fields: [
        'id',
        'status.state',
        'status.reason',
        'kubernetesVersion',
        'deploymentCount',
        'capacity.gpus',
        'runtimes.name',
        'runtimes.isReady',
        'runtimes.engines',
        'maintenance',
        'abilities',
      ],
    },
    output: InstanceList,
    http: { method: 'get', path: '/api/instances', status: 200 },
    run: (ctx, deps: InstanceDeps) => listInstances(ctx, deps),
  }),
  defineOperation({
    id: 'getInstance',
    tag: 'Instances',
    summary: 'One instance',
    policy: { permission: 'instance.view', scope: 'instance' },
    effect: 'read',
    tool: {
      name: 'get_instance',
      description: 'One instance: its health, capacity, runtimes and what the caller may do there.',
      resource: { uri: 'hub://instances/{instance}', mimeType: 'application/json' },
    },
    input: { path: InstancePath },
    output: Instance,
    http: { method: 'get', path: '/api/instances/:instance', status: 200 },
    run: (ctx, deps: InstanceDeps, { path }) => getInstance(ctx, deps, path.instance),
  }),
  defineOperation({
    id: 'listNamespaces',
    tag: 'Instances',
    summary: 'The namespaces of an instance',
    description: 'Those that the caller may see.',
    policy: { permission: 'instance.view', scope: 'instance' },
    effect: 'read',
    tool: {
      name: 'list_namespaces',
      description: 'The namespaces of an instance that the caller may see.',
    },
    input: { path: InstancePath },
    output: NamespaceList,
    // Where the credential may not list them, some are still named.
    problems: [
      'instance-not-ready',
      ...clusterProblems.filter((code) => code !== 'instance-forbidden'),
    ],
    http: { method: 'get', path: '/api/instances/:instance/namespaces', status: 200 },
    run: (ctx, deps: InstanceDeps, { path }) => listNamespaces(ctx, deps, path.instance),
  }),
  defineOperation({
    id: 'getInstanceHealth',
    tag: 'Instances',
    summary: 'The health of an instance',
    policy: { permission: 'instance.view', scope: 'instance' },
    effect: 'read',
    tool: { none: 'get_instance says it.' },
    input: { path: InstancePath },
    output: InstanceHealth,
    http: { method: 'get', path: '/api/instances/:instance/health', status: 200 },
    run: (ctx, deps: HealthDeps, { path }) => getHealth(ctx, deps, path.instance),
  }),
  defineOperation({
    id: 'getCapacity',
    tag: 'Instances',
    summary: 'The accelerators of an instance',
    policy: { permission: 'instance.view', scope: 'instance' },
    effect: 'read',
    tool: {
      name: 'get_capacity',
      description:
        'The accelerators of an instance: how many there are, are free, and the largest free block on one node. Ask before deploying.',
    },
    input: { path: InstancePath },
    output: CapacityNow,
    http: { method: 'get', path: '/api/instances/:instance/capacity', status: 200 },
    run: (ctx, deps: InstanceDeps, { path }) => getCapacity(ctx, deps, path.instance),
  }),
  defineOperation({
    id: 'checkPreflight',
    tag: 'Instances',
    summary: 'What the credential may do on its cluster',
    description: 'Feature by feature, as the cluster says, and the manifest that grants all of it.',
    policy: { permission: 'instance.manage', scope: 'instance' },
    effect: 'read',
    tool: { none: 'For whoever gives the hub its rights on a cluster.' },
    input: { path: InstancePath },
    output: Preflight,
    problems: clusterProblems,
    http: { method: 'get', path: '/api/instances/:instance/preflight', status: 200 },
    run: (ctx, deps: ProfileDeps & { rbacDirectory: string }, { path }) =>
      checkPreflight(ctx, deps, path.instance),
  }),
] as const
