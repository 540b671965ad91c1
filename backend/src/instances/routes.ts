import {
  CapacityNow,
  Instance,
  InstanceHealth,
  InstanceId,
  InstanceList,
  NamespaceList,
  Preflight,
} from '@hub/shared'
import { Hono } from 'hono'
import * as z from 'zod'
import type { HubEnv } from '#context'
import { describeRoute, validate } from '#http'
import { clusterProblems } from '#kube'
import { getInstance } from './get-instance.ts'
import { listInstances, type InstanceDeps } from './list-instances.ts'
import { listNamespaces } from './list-namespaces.ts'
import { checkPreflight } from './preflight.ts'

const InstanceParam = z.object({ instance: InstanceId })

/** Mounted at `/api/instances`. */
export function instanceRoutes(deps: InstanceDeps & { rbacDirectory: string }) {
  return new Hono<HubEnv>()
    .get(
      '/',
      describeRoute({
        policy: 'signed-in',
        operationId: 'listInstances',
        tag: 'Instances',
        summary: 'The instances',
        description: 'Those that the caller may see.',
        answers: { 200: InstanceList },
      }),
      (c) => c.json(listInstances(c.get('ctx'), deps), 200),
    )
    .get(
      '/:instance',
      describeRoute({
        policy: { permission: 'instance.view', scope: 'instance' },
        operationId: 'getInstance',
        tag: 'Instances',
        summary: 'One instance',
        answers: { 200: Instance },
      }),
      validate('param', InstanceParam),
      (c) => c.json(getInstance(c.get('ctx'), deps, c.req.valid('param').instance), 200),
    )
    .get(
      '/:instance/namespaces',
      describeRoute({
        policy: { permission: 'instance.view', scope: 'instance' },
        operationId: 'listNamespaces',
        tag: 'Instances',
        summary: 'The namespaces of an instance',
        description: 'Those that the caller may see.',
        answers: { 200: NamespaceList },
        // Where the credential may not list them, some are still named.
        problems: [
          'instance-not-ready',
          ...clusterProblems.filter((code) => code !== 'instance-forbidden'),
        ],
      }),
      validate('param', InstanceParam),
      async (c) =>
        c.json(await listNamespaces(c.get('ctx'), deps, c.req.valid('param').instance), 200),
    )
    .get(
      '/:instance/health',
      describeRoute({
        policy: { permission: 'instance.view', scope: 'instance' },
        operationId: 'getInstanceHealth',
        tag: 'Instances',
        summary: 'How an instance does',
        answers: { 200: InstanceHealth },
      }),
      validate('param', InstanceParam),
      (c) => {
        const { id, ...instance } = getInstance(c.get('ctx'), deps, c.req.valid('param').instance)
        const { apiGroup, heardAt, kubernetesVersion, runtimes, status } = instance
        return c.json({ instance: id, status, heardAt, kubernetesVersion, apiGroup, runtimes }, 200)
      },
    )
    .get(
      '/:instance/capacity',
      describeRoute({
        policy: { permission: 'instance.view', scope: 'instance' },
        operationId: 'getCapacity',
        tag: 'Instances',
        summary: 'The accelerators of an instance',
        answers: { 200: CapacityNow },
      }),
      validate('param', InstanceParam),
      (c) => {
        const instance = getInstance(c.get('ctx'), deps, c.req.valid('param').instance)
        const { capacity, heardAt: asOf, status } = instance
        const { reason, state } = status
        return c.json({ ...capacity, asOf, instanceStatus: { state, reason } }, 200)
      },
    )
    .get(
      '/:instance/preflight',
      describeRoute({
        policy: { permission: 'instance.manage', scope: 'instance' },
        operationId: 'checkPreflight',
        tag: 'Instances',
        summary: 'What the credential may do on its cluster',
        description:
          'Feature by feature, as the cluster says, and the manifest that grants all of it.',
        answers: { 200: Preflight },
        problems: clusterProblems,
      }),
      validate('param', InstanceParam),
      async (c) =>
        c.json(await checkPreflight(c.get('ctx'), deps, c.req.valid('param').instance), 200),
    )
}
