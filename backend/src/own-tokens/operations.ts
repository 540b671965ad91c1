import { ClusterWhoAmI, InstanceId, WhoAmIQuery } from '@hub/shared'
import * as z from 'zod'
import type { InstanceDeps } from '#instances'
import { clusterProblems } from '#kube'
import { defineOperation } from '#operation'
import { whoAmI } from './who-am-i.ts'

export const ownTokenOperations = [
  defineOperation({
    id: 'whoAmIThere',
    tag: 'Instances',
    summary: 'Who the caller is to a cluster itself',
    description:
      "Asked with the caller's own token, of the browser session or of the cluster's issuer, and what the cluster lets them do in a namespace.",
    policy: { permission: 'instance.view', scope: 'instance' },
    effect: 'read',
    tool: {
      name: 'who_am_i_there',
      description:
        'Who the caller is to a cluster itself, by their own token, and what its RBAC lets them do in a namespace. Says what helps where that is nothing.',
    },
    input: { path: z.object({ instance: InstanceId }), query: WhoAmIQuery },
    output: ClusterWhoAmI,
    problems: [
      'no-cluster-token',
      'provider-unavailable',
      'instance-not-ready',
      ...clusterProblems,
    ],
    http: { method: 'get', path: '/api/instances/:instance/whoami', status: 200 },
    run: (ctx, deps: Pick<InstanceDeps, 'instances'>, { path, query }) =>
      whoAmI(ctx, deps, { ...path, ...query }),
  }),
] as const
