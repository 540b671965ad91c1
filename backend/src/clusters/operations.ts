import { Credential, CredentialList, InstanceId, PutCredentialInput } from '@hub/shared'
import * as z from 'zod'
import { created, defineOperation } from '#operation'
import { confirmCluster } from './confirm-cluster.ts'
import { deleteCredential } from './delete-credential.ts'
import { listCredentials, type CredentialDeps } from './list-credentials.ts'
import { putCredential } from './put-credential.ts'

const InstancePath = z.object({ instance: InstanceId })

export const credentialOperations = [
  defineOperation({
    id: 'listCredentials',
    tag: 'Credentials',
    summary: 'The files of the credentials directory',
    description: 'With the state of each; their contents are never shown.',
    policy: { permission: 'instance.manage', scope: 'hub' },
    effect: 'read',
    tool: { none: 'A credential that a model has read is no longer a secret.' },
    output: CredentialList,
    http: { method: 'get', path: '/api/admin/credentials', status: 200 },
    run: (ctx, deps: CredentialDeps) => listCredentials(ctx, deps),
  }),
  defineOperation({
    id: 'putCredential',
    tag: 'Credentials',
    summary: 'Register an instance, or replace its credential',
    policy: { permission: 'instance.manage', scope: 'hub', isFresh: true },
    effect: 'write',
    tool: { none: 'A credential that a model has read is no longer a secret.' },
    input: { path: InstancePath, body: PutCredentialInput },
    output: Credential,
    problems: ['credential-refused', 'credentials-read-only'],
    http: {
      method: 'put',
      path: '/api/admin/credentials/:instance',
      status: 200,
      isNewStatus: 201,
    },
    async run(ctx, deps: CredentialDeps, { path, body }) {
      const { credential, isNew } = await putCredential(ctx, deps, path.instance, body)
      return isNew ? created(credential) : credential
    },
  }),
  defineOperation({
    id: 'deleteCredential',
    tag: 'Credentials',
    summary: 'Remove an instance',
    policy: { permission: 'instance.manage', scope: 'hub', isFresh: true },
    effect: 'destructive',
    tool: { none: 'A credential that a model has read is no longer a secret.' },
    input: { path: InstancePath },
    output: null,
    problems: ['not-found', 'credentials-read-only'],
    http: { method: 'delete', path: '/api/admin/credentials/:instance', status: 204 },
    run: (ctx, deps: CredentialDeps, { path }) => deleteCredential(ctx, deps, path.instance),
  }),
  defineOperation({
    id: 'confirmCluster',
    tag: 'Credentials',
    summary: 'Confirm that a different cluster is intended',
    description:
      'Where a name now leads to a different cluster, grants there do not count until this is confirmed.',
    policy: { permission: 'instance.manage', scope: 'hub', isFresh: true },
    effect: 'write',
    tool: { none: 'Whether a name may stand for another cluster is decided by people.' },
    input: { path: InstancePath },
    output: null,
    problems: ['not-found'],
    http: { method: 'post', path: '/api/admin/credentials/:instance/confirm', status: 204 },
    run: (ctx, deps: CredentialDeps, { path }) => confirmCluster(ctx, deps, path.instance),
  }),
] as const
