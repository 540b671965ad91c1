import { InstanceId, PutCredentialInput } from '@hub/shared'
import { Hono } from 'hono'
import * as z from 'zod'
import type { HubEnv } from '#context'
import { validate } from '#http'
import { confirmCluster } from './confirm-cluster.ts'
import { deleteCredential } from './delete-credential.ts'
import { listCredentials, type CredentialDeps } from './list-credentials.ts'
import { putCredential } from './put-credential.ts'

const InstanceParam = z.object({ instance: InstanceId })

/** Mounted at `/api/admin/credentials`. */
export function credentialRoutes(deps: CredentialDeps) {
  return new Hono<HubEnv>()
    .get('/', async (c) => c.json(await listCredentials(c.get('ctx'), deps), 200))
    .put(
      '/:instance',
      validate('param', InstanceParam),
      validate('json', PutCredentialInput),
      async (c) => {
        const { instance } = c.req.valid('param')
        const input = c.req.valid('json')
        const { credential, isNew } = await putCredential(c.get('ctx'), deps, instance, input)
        return isNew ? c.json(credential, 201) : c.json(credential, 200)
      },
    )
    .delete('/:instance', validate('param', InstanceParam), async (c) => {
      await deleteCredential(c.get('ctx'), deps, c.req.valid('param').instance)
      return c.body(null, 204)
    })
    .post('/:instance/confirm', validate('param', InstanceParam), async (c) => {
      await confirmCluster(c.get('ctx'), deps, c.req.valid('param').instance)
      return c.body(null, 204)
    })
}
