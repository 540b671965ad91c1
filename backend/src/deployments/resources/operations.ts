import {
  InstanceId,
  KubeResource,
  KubeResourceList,
  NamespaceName,
  ObjectName,
  ReadableKind,
  ResourcesQuery,
} from '@hub/shared'
import * as z from 'zod'
import { clusterProblems } from '#kube'
import { defineOperation } from '#operation'
import type { DeploymentDeps } from '../deps.ts'
import { getResource, listResources } from './read-resources.ts'

const policy = { permission: 'deployment.view', scope: 'namespace' } as const
const path = z.object({ instance: InstanceId, namespace: NamespaceName, kind: ReadableKind })
const place = '/api/instances/:instance/namespaces/:namespace/resources/:kind'
const problems = ['instance-not-ready', ...clusterProblems] as const
const masked = 'Values of variables are for those who may change deployments there.'

/** Objects of Kubernetes as they are: what stands around deployments. */
export const resourceOperations = [
  defineOperation({
    id: 'listResources',
    tag: 'Deployments',
    summary: 'Objects of a namespace',
    description: `Asked of the cluster as the caller: pods, events, quotas and a few more kinds, never secrets. ${masked}`,
    policy,
    effect: 'read',
    tool: {
      name: 'list_resources',
      description:
        'Lists Kubernetes objects of one kind in a namespace, as the cluster has them: pods, events, quotas, claims and a few more. Narrow it with labelSelector, fieldSelector, limit and fields.',
    },
    input: { path, query: ResourcesQuery },
    output: KubeResourceList,
    problems: ['invalid-request', ...problems],
    http: { method: 'get', path: place, status: 200 },
    run: (ctx, deps: DeploymentDeps, input) => listResources(ctx, deps, input.path, input.query),
  }),
  defineOperation({
    id: 'getResource',
    tag: 'Deployments',
    summary: 'One object of a namespace',
    description: `As \`listResources\` has them. ${masked}`,
    policy,
    effect: 'read',
    tool: {
      name: 'get_resource',
      description: 'One Kubernetes object of a namespace, as the cluster has it.',
    },
    input: { path: path.extend({ name: ObjectName }) },
    output: KubeResource,
    problems,
    http: { method: 'get', path: `${place}/:name`, status: 200 },
    run: (ctx, deps: DeploymentDeps, input) => getResource(ctx, deps, input.path),
  }),
] as const
