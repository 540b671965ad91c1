import type { ClusterBindingList, MadeBinding, OidcBindingQuery } from '@hub/shared'
import { auditChange, type ClusterInstance, type Sending } from '#clusters'
import { describeActor, type RequestContext } from '#context'
import { AppError } from '#errors'
import {
  ClusterError,
  findObject,
  kubePath,
  toAppError,
  type KubeList,
  type KubeObject,
  type KubePath,
} from '#kube'
import { authorize, requireFresh } from '#rbac'
import { requireInstance } from '../get-instance.ts'
import { describeBinding, planBinding } from './describe-binding.ts'
import { describeOrigin, isLabelled, ownLabel, presentBinding } from './present-binding.ts'
import { getProfile, type ProfileDeps } from './profiles.ts'

type Place = { name: string; namespace?: string | undefined }

const listedMax = 500
const manifest = 'deploy/kubernetes/instance-rbac-bindings'

/** The bindings that the hub made there. Throws what `requireInstance` throws, `forbidden`, and what clusters' failures map to. */
export async function listBindings(
  ctx: RequestContext,
  deps: ProfileDeps,
  id: string,
): Promise<ClusterBindingList> {
  const instance = requireManaged(ctx, deps, id)
  const lists = await Promise.all(
    ['clusterrolebindings', 'rolebindings'].map((plural) =>
      instance.transport
        .request<KubeList>({
          method: 'GET',
          path: rbacPath(plural),
          query: { labelSelector: ownLabel, limit: listedMax },
          requestId: ctx.requestId,
          signal: ctx.signal,
        })
        .catch((error: unknown) => fail(id, error)),
    ),
  )
  return {
    items: lists.flatMap(({ body }) => (body.items ?? []).map(presentBinding)),
    more: lists.some(({ body }) => Boolean(body.metadata?.continue)),
  }
}

/**
 * Makes a binding there; one that is there already is answered as it is. Throws what `getProfile` and `planBinding` throw,
 * `forbidden`, `conflict` where somebody else made another one under its name, and what clusters' failures map to.
 */
export async function createBinding(
  ctx: RequestContext,
  deps: ProfileDeps,
  id: string,
  input: OidcBindingQuery,
  { isDryRun }: { isDryRun: boolean },
): Promise<MadeBinding> {
  const instance = requireManaged(ctx, deps, id)
  requireFresh(ctx, { allowBearer: true })
  const profile = await getProfile(ctx, deps, id)
  const { binding, notes } = planBinding(profile, input)
  const commands = describeBinding(profile, input)
  refuseAdministrators(input, commands.create)
  const { kind, metadata, roleRef, subjects } = binding
  const path = bindingPath(metadata)
  const there = await find(ctx, instance, bindingPath(metadata, metadata.name), commands.create)
  if (there) {
    requireOwn(there, metadata.name, { roleRef, subjects })
    return { binding: presentBinding(there), notes: [...notes, 'It was there already.'] }
  }
  const post = async (sending: Partial<Sending> = {}) =>
    instance.transport
      .request<KubeObject>({
        method: 'POST',
        path,
        query: { fieldManager: 'kubeairunway-hub', dryRun: isDryRun ? 'All' : undefined },
        body: {
          ...binding,
          metadata: {
            ...metadata,
            ...describeOrigin(describeActor(ctx.actor)),
          },
        },
        requestId: ctx.requestId,
        ...sending,
      })
      .catch((error: unknown) => fail(id, error, commands.create))
  const { body } = isDryRun
    ? await post()
    : await auditChange(
        ctx,
        {
          action: 'binding.create',
          target: { instance: id, ...metadata, kind },
          after: { roleRef, subjects },
        },
        post,
      )
  return { binding: presentBinding(body), notes }
}

/** Takes one away that the hub made. Throws `not-found`, `conflict` for one of somebody else's, and as above. */
export async function deleteBinding(
  ctx: RequestContext,
  deps: ProfileDeps,
  id: string,
  { name, namespace }: Place,
): Promise<void> {
  const instance = requireManaged(ctx, deps, id)
  requireFresh(ctx, { allowBearer: true })
  const path = bindingPath({ namespace }, name)
  const there = await find(ctx, instance, path)
  if (!there) {
    throw new AppError('not-found', {
      detail: `There is no binding "${name}" ${describePlace(namespace)} on instance "${id}".`,
    })
  }
  requireOwn(there, name)
  const { namespace: _, ...before } = presentBinding(there)
  await auditChange(
    ctx,
    {
      action: 'binding.delete',
      target: { instance: id, name, ...(namespace !== undefined && { namespace }) },
      before,
    },
    ({ onSend }) =>
      instance.transport
        .request<KubeObject>({
          method: 'DELETE',
          path,
          body: {
            kind: 'DeleteOptions',
            apiVersion: 'v1',
            preconditions: { uid: there.metadata?.uid },
          },
          requestId: ctx.requestId,
          onSend,
        })
        .catch((error: unknown) => fail(id, error)),
  )
}

function requireManaged(ctx: RequestContext, deps: ProfileDeps, id: string): ClusterInstance {
  authorize(ctx, 'instance.manage', { instance: id, namespace: null })
  return requireInstance(ctx, deps, id)
}

/** The hub may not make one, and should not be able to: whoever holds its credential would hold the cluster. */
function refuseAdministrators({ role }: OidcBindingQuery, command: string): void {
  if (role !== 'cluster-admin') return
  throw new AppError('invalid-request', {
    detail: `The hub makes nobody cluster-admin. Whoever holds the cluster's administrator kubeconfig can: ${command}`,
    errors: [{ pointer: '/role', detail: 'is made with the administrator kubeconfig alone' }],
  })
}

function find(
  { requestId }: RequestContext,
  { id, transport }: ClusterInstance,
  path: KubePath,
  command?: string,
) {
  return findObject(transport, path, { requestId }).catch((error: unknown) =>
    fail(id, error, command),
  )
}

/** A name alone proves nothing: what the hub did not make, or somebody changed since, is left alone. */
function requireOwn(
  there: KubeObject,
  name: string,
  wanted?: Pick<ReturnType<typeof planBinding>['binding'], 'roleRef' | 'subjects'>,
): void {
  const { role, roleKind, subjects } = presentBinding(there)
  const isOurs = isLabelled(there) && name.startsWith('hub-')
  const isSame =
    !wanted ||
    (role === wanted.roleRef.name &&
      roleKind === wanted.roleRef.kind &&
      JSON.stringify(subjects) ===
        JSON.stringify(wanted.subjects.map(({ kind, name: of }) => ({ kind, name: of }))))
  if (isOurs && isSame) return
  throw new AppError('conflict', {
    detail: isOurs
      ? `Binding "${name}" is there and binds somebody else: it was changed since the hub made it. Look at it with kubectl, and remove it there.`
      : `Binding "${name}" was not made by the hub, which leaves it alone. Look at it with kubectl.`,
  })
}

/** Without the rights of the optional manifest the hub says how they come, and what does it without them. */
function fail(id: string, error: unknown, command?: string): never {
  // The API server's own guard against escalation speaks like an admission plugin.
  const isEscalation =
    error instanceof ClusterError && /attempting to grant RBAC permissions/.test(error.message)
  if (isEscalation || (error instanceof ClusterError && error.kind === 'forbidden')) {
    const why = isEscalation
      ? 'The hub may bind people to the roles that its own rights name, and this is not one of them'
      : `The hub may not manage bindings on instance "${id}": ${manifest} gives it what that takes`
    const otherwise =
      command === undefined ? '' : ` Whoever administers the cluster can run: ${command}`
    throw new AppError('instance-forbidden', { detail: `${why}.${otherwise}`, cause: error })
  }
  throw toAppError(error, { instance: id })
}

function describePlace(namespace: string | undefined): string {
  return namespace === undefined ? 'of the whole cluster' : `in namespace "${namespace}"`
}

function rbacPath(...rest: string[]): KubePath {
  return kubePath('apis', 'rbac.authorization.k8s.io', 'v1', ...rest)
}

function bindingPath({ namespace }: Pick<Place, 'namespace'>, name?: string): KubePath {
  const place =
    namespace === undefined ? ['clusterrolebindings'] : ['namespaces', namespace, 'rolebindings']
  return rbacPath(...place, ...(name === undefined ? [] : [name]))
}
