import type { Registry } from './registry.ts'
import { apiVersionOf } from './resource.ts'
import type { Resource } from './resource.ts'

const serverVersion = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: 'v1.36.3',
  gitCommit: '',
  gitTreeState: '',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: 'go1.26.8',
  compiler: 'gc',
  platform: 'linux/amd64',
}

/** Groups and versions whose resources are questions, not objects: they are answered, not stored. */
const reviewResources: Record<string, object[]> = {
  'authentication.k8s.io/v1': [review('SelfSubjectReview')],
  'authorization.k8s.io/v1': [review('SelfSubjectAccessReview'), review('SelfSubjectRulesReview')],
}

const healthPaths = new Set(['/healthz', '/livez', '/readyz'])
const createVerbs = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
]
const customVerbs = [
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'create',
  'update',
  'watch',
]

/** The answer to a path that names no resource; undefined when nothing is served there. */
export function discover(
  registry: Registry,
  path: string,
  serverAddress: string,
): object | string | undefined {
  if (healthPaths.has(path)) return 'ok'
  const parts = path.replace(/\/$/, '').split('/').slice(1)
  const [root, group, version, ...rest] = parts
  if (rest.length > 0) return undefined
  if (root === 'version' && group === undefined) return serverVersion
  if (root === 'api' && group === undefined) {
    return {
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
    }
  }
  if (root === 'api' && group === 'v1' && version === undefined)
    return listResources(registry, 'v1')
  if (root !== 'apis') return undefined
  const groups = registry.groups()
  for (const groupVersion of Object.keys(reviewResources)) {
    const [name, only] = groupVersion.split('/') as [string, string]
    groups.set(name, [only])
  }
  if (group === undefined) {
    const all = [...groups].map(([name, versions]) => toGroup(name, versions))
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: all }
  }
  const versions = groups.get(group)
  if (!versions) return undefined
  if (version === undefined)
    return { kind: 'APIGroup', apiVersion: 'v1', ...toGroup(group, versions) }
  return versions.includes(version) ? listResources(registry, `${group}/${version}`) : undefined
}

function listResources(registry: Registry, groupVersion: string): object {
  const served = registry.all().filter((resource) => apiVersionOf(resource) === groupVersion)
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion,
    resources: [...served.flatMap(toEntries), ...(reviewResources[groupVersion] ?? [])],
  }
}

function toEntries(resource: Resource): object[] {
  const { plural, singular, namespaced, kind, shortNames, categories, hasStatus, subresources } =
    resource
  const verbs = resource.custom
    ? customVerbs
    : createVerbs.filter((verb) => kind !== 'Namespace' || verb !== 'deletecollection')
  const status = { name: 'status', kind, verbs: ['get', 'patch', 'update'] }
  return [
    {
      name: plural,
      singularName: singular,
      namespaced,
      kind,
      verbs,
      ...(shortNames.length > 0 && { shortNames }),
      ...(categories.length > 0 && { categories }),
    },
    ...[...subresources, ...(hasStatus ? [status] : [])].map(({ name, ...rest }) => ({
      name: `${plural}/${name}`,
      singularName: '',
      namespaced,
      ...rest,
    })),
  ]
}

function toGroup(name: string, versions: readonly string[]): object {
  const entries = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions: entries, preferredVersion: entries[0] }
}

function review(kind: string): object {
  const singularName = kind.toLowerCase()
  return { name: `${singularName}s`, singularName, namespaced: false, kind, verbs: ['create'] }
}
