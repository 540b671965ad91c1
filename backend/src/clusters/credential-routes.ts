import { Credential, CredentialList, InstanceId, PutCredentialInput } from '@hub/shared'
import { Hono } from 'hono'
import * as z from 'zod'
import type { HubEnv } from '#context'
import { describeRoute, validate } from '#http'
import { confirmCluster } from './confirm-cluster.ts'
import { deleteCredential } from './delete-credential.ts'
import { listCredentials, type CredentialDeps } from './list-credentials.ts'
import { putCredential } from './put-credential.ts'

const InstanceParam = z.object({ instance: InstanceId })

/** Mounted at `/api/admin/credentials`. */
export function credentialRoutes(deps: CredentialDeps) {
  return new Hono<HubEnv>()
    .get(
      '/',
      describeRoute({
        policy: { permission: 'instance.manage', scope: 'hub' },
        operationId: 'listCredentials',
        tag: 'Credentials',
        summary: 'The files of the credentials directory',
        description: 'And what became of each; what is in them is never shown.',
        answers: { 200: CredentialList },
      }),
      async (c) => c.json(await listCredentials(c.get('ctx'), deps), 200),
    )
    .put(
      '/:instance',
      describeRoute({
        policy: { permission: 'instance.manage', scope: 'hub', isFresh: true },
        operationId: 'putCredential',
        tag: 'Credentials',
        summary: 'Register an instance, or replace its credential',
        answers: { 200: Credential, 201: Credential },
        problems: ['credential-refused', 'credentials-read-only'],
      }),
      validate('param', InstanceParam),
      validate('json', PutCredentialInput),
      async (c) => {
        const { instance } = c.req.valid('param')
        const input = c.req.valid('json')
        const { credential, isNew } = await putCredential(c.get('ctx'), deps, instance, input)
        return isNew ? c.json(credential, 201) : c.json(credential, 200)
      },
    )
    .delete(
      '/:instance',
      describeRoute({
        policy: { permission: 'instance.manage', scope: 'hub', isFresh: true },
        operationId: 'deleteCredential',
        tag: 'Credentials',
        summary: 'Remove an instance',
        answers: { 204: null },
        problems: ['not-found', 'credentials-read-only'],
      }),
      validate('param', InstanceParam),
      async (c) => {
        await deleteCredential(c.get('ctx'), deps, c.req.valid('param').instance)
        return c.body(null, 204)
      },
    )
    .post(
      '/:instance/confirm',
      describeRoute({
        policy: { permission: 'instance.manage', scope: 'hub', isFresh: true },
        operationId: 'confirmCluster',
        tag: 'Credentials',
        summary: 'Confirm that another cluster is meant',
        description: 'Where a name leads to another cluster than before, grants rest until then.',
        answers: { 204: null },
        problems: ['not-found'],
      }),
      validate('param', InstanceParam),
      async (c) => {
        await confirmCluster(c.get('ctx'), deps, c.req.valid('param').instance)
        return c.body(null, 204)
      },
    )
}
