import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { roles, type ClusterPermission, type Preflight } from '@hub/shared'
import type { RequestContext } from '#context'
import { apiGroups, reviewAccess, toAppError } from '#kube'
import { authorize, hubWide } from '#rbac'
import { describePeople } from './describe-people.ts'
import { requireInstance } from './get-instance.ts'
import type { ProfileDeps } from './oidc/profiles.ts'

type Feature = {
  name: string
  purpose: string
  required: boolean
  /** `crd` stands for the group that the instance serves. */
  permissions: readonly {
    group: string
    resource: string
    verbs: readonly string[]
    namespace?: string
    names?: readonly string[]
  }[]
}

const timeoutMs = 10_000
const watching = ['list', 'watch'] as const
const looking = ['get', 'list'] as const

/** What the hub does on a cluster, and what its credential needs for it. */
export const features: readonly Feature[] = [
  {
    name: 'See deployments',
    purpose: 'Lists, pages and live updates of ModelDeployments.',
    required: true,
    permissions: [{ group: 'crd', resource: 'modeldeployments', verbs: ['get', ...watching] }],
  },
  {
    name: 'Change deployments',
    purpose: 'Creating, changing and deleting ModelDeployments for those whose role allows it.',
    required: true,
    permissions: [
      {
        group: 'crd',
        resource: 'modeldeployments',
        verbs: ['create', 'update', 'patch', 'delete'],
      },
    ],
  },
  {
    name: 'Runtimes',
    purpose: 'Which inference providers the cluster has and whether they are alive.',
    required: false,
    permissions: [{ group: 'crd', resource: 'inferenceproviderconfigs', verbs: watching }],
  },
  {
    name: 'Capacity',
    purpose: 'Accelerators by product: how many there are, are held and are free.',
    required: false,
    permissions: [
      { group: '', resource: 'nodes', verbs: watching },
      { group: '', resource: 'pods', verbs: watching },
      { group: 'resource.k8s.io', resource: 'resourceslices', verbs: watching },
      { group: 'resource.k8s.io', resource: 'resourceclaims', verbs: watching },
    ],
  },
  {
    name: 'Namespaces',
    purpose: 'Choosing a namespace to deploy to from those that exist.',
    required: false,
    permissions: [{ group: '', resource: 'namespaces', verbs: watching }],
  },
  {
    name: 'Pods and events',
    purpose: 'Why a deployment does not come up, and what its pods do.',
    required: false,
    permissions: [
      { group: '', resource: 'pods', verbs: ['get', ...watching] },
      { group: '', resource: 'events', verbs: watching },
    ],
  },
  {
    name: 'Quotas',
    purpose: "Saying that a namespace's quota is used up, and of what.",
    required: false,
    permissions: [{ group: '', resource: 'resourcequotas', verbs: watching }],
  },
  {
    name: 'What runtimes make',
    purpose: 'What a runtime made of a deployment, and how far that is, when somebody looks.',
    required: false,
    permissions: [
      { group: '', resource: 'persistentvolumeclaims', verbs: looking },
      { group: 'apps', resource: 'deployments', verbs: looking },
      { group: 'apps', resource: 'replicasets', verbs: looking },
      { group: 'batch', resource: 'jobs', verbs: looking },
      { group: 'kaito.sh', resource: 'workspaces', verbs: ['get'] },
      { group: 'nvidia.com', resource: 'dynamographdeployments', verbs: ['get'] },
      { group: 'ray.io', resource: 'rayservices', verbs: ['get'] },
    ],
  },
  {
    name: 'Models that run',
    purpose: "Reaching a model that runs, by the cluster's own proxy.",
    required: false,
    permissions: [{ group: '', resource: 'services/proxy', verbs: ['get', 'create'] }],
  },
  {
    name: 'Logs',
    purpose: "Reading a deployment's logs.",
    required: false,
    permissions: [{ group: '', resource: 'pods/log', verbs: ['get'] }],
  },
  {
    name: 'Identity of the cluster',
    purpose: 'Noticing that a different cluster is behind the same name.',
    required: false,
    permissions: [{ group: '', resource: 'namespaces', verbs: ['get'], namespace: 'kube-system' }],
  },
]

const rbac = 'rbac.authorization.k8s.io'

/** What deploy/kubernetes/instance-rbac-bindings adds. */
const bindingsFeature: Feature = {
  name: 'Bindings',
  purpose:
    "Binding people of the cluster's own sign-in to roles, from the portal; deploy/kubernetes/instance-rbac-bindings grants it.",
  required: false,
  permissions: [
    { group: rbac, resource: 'clusterrolebindings', verbs: ['get', 'list', 'create', 'delete'] },
    { group: rbac, resource: 'rolebindings', verbs: ['get', 'list', 'create', 'delete'] },
    { group: rbac, resource: 'clusterroles', verbs: ['bind'], names: ['view', 'edit'] },
  ],
}

/** And where it acts for people, with the groups that it names for them. */
export const impersonationFeature: Feature = {
  name: 'Acting for people',
  purpose: 'Asking the cluster on behalf of each person, without which nobody sees anything there.',
  required: true,
  permissions: [
    { group: '', resource: 'users', verbs: ['impersonate'] },
    {
      group: '',
      resource: 'groups',
      verbs: ['impersonate'],
      names: roles.map((role) => `hub:${role}`),
    },
  ],
}

/**
 * What the instance's credential lacks, as its own cluster says. Throws what `requireInstance` throws, `forbidden`, and
 * what the cluster's failures map to.
 */
export async function checkPreflight(
  ctx: RequestContext,
  deps: ProfileDeps & { rbacDirectory: string },
  id: string,
): Promise<Preflight> {
  const instance = requireInstance(ctx, deps, id)
  const { accessMode, apiGroup, transport } = instance
  authorize(ctx, 'instance.manage', hubWide)
  const isForPeople = accessMode === 'impersonate'
  const options = { requestId: ctx.requestId, signal: ctx.signal, timeoutMs }
  const isBinding = (await deps.profiles.find(ctx.db, id)) !== null
  const wantedFeatures = [
    ...features,
    ...(isForPeople ? [impersonationFeature] : []),
    ...(isBinding ? [bindingsFeature] : []),
  ]
  const answers = new Map<string, Promise<boolean>>()
  const isAllowed = (permission: ClusterPermission) => {
    const key = JSON.stringify(permission)
    const answer = answers.get(key) ?? reviewAccess(transport, permission, options)
    answers.set(key, answer)
    return answer
  }
  try {
    const [manifest, ...checked] = await Promise.all([
      readManifests(deps.rbacDirectory, isForPeople),
      ...wantedFeatures.map(async ({ name, purpose, required, ...feature }) => {
        const wanted = permissionsOf(feature, apiGroup ?? apiGroups[0])
        const allowed = await Promise.all(wanted.map(isAllowed))
        return { name, purpose, required, missing: wanted.filter((_, i) => !allowed[i]) }
      }),
    ])
    const people = await describePeople(ctx, deps.profiles, instance)
    return { features: checked, manifest, people }
  } catch (error) {
    throw toAppError(error, { instance: id })
  }
}

export function permissionsOf(
  { permissions }: Pick<Feature, 'permissions'>,
  crdGroup: string,
): ClusterPermission[] {
  return permissions.flatMap(({ group, names, namespace, resource, verbs }) => {
    const [name = '', subresource] = resource.split('/')
    return verbs.flatMap((verb) =>
      (names ?? [undefined]).map((of) => ({
        verb,
        group: group === 'crd' ? crdGroup : group,
        resource: name,
        subresource: subresource ?? null,
        namespace: namespace ?? null,
        ...(of !== undefined && { name: of }),
      })),
    )
  })
}

/** Of an instance on which the hub acts for people, all that deploy/kubernetes/instance-rbac-impersonate applies. */
async function readManifests(directory: string, isForPeople: boolean): Promise<string> {
  const folder = `${directory}-impersonate`
  const files = [
    join(directory, 'access.yaml'),
    ...(isForPeople ? [join(folder, 'impersonation.yaml'), join(folder, 'groups.yaml')] : []),
  ]
  const manifests = await Promise.all(files.map(readManifest))
  return manifests.join('---\n')
}

async function readManifest(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    const name = path.split('/').slice(-2).join('/')
    return `# The manifest deploy/kubernetes/${name} is not part of this installation.\n`
  }
}
