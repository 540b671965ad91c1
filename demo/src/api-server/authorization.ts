import type { KubeObject, Untyped } from '../objects.ts'
import type { User } from './authentication.ts'
import type { RequestInfo } from './request-info.ts'
import { ApiError, forbidden, quote } from './status.ts'
import type { Storage, StoredObject } from './storage.ts'

/** One question to authorization, as RBAC sees it. */
export type Attributes =
  | {
      verb: string
      group: string
      plural: string
      subresource: string
      namespace: string
      name: string
    }
  | { verb: string; path: string }

type Decision = { allowed: boolean; reason: string }

export type Authorizer = {
  decide(user: User, attributes: Attributes): Decision
  /** What the user may do with objects of this namespace. */
  rulesFor(user: User, namespace: string): Untyped[]
  /** Throws Kubernetes' 403 unless allowed. */
  authorize(user: User, attributes: Attributes): void
}

type Binding = {
  describe: string
  namespace: string | undefined
  subjects: Untyped[]
  role: StoredObject | undefined
  missingRole: string
}

const rbacCollections = {
  clusterRoles: 'clusterroles.rbac.authorization.k8s.io',
  clusterRoleBindings: 'clusterrolebindings.rbac.authorization.k8s.io',
  roles: 'roles.rbac.authorization.k8s.io',
  roleBindings: 'rolebindings.rbac.authorization.k8s.io',
}

export function toAttributes(info: RequestInfo): Attributes {
  if (!info.isResource) return { verb: info.verb, path: info.path }
  const { verb, group, plural, subresource, namespace, name } = info
  return { verb, group, plural, subresource, namespace, name }
}

/** Role-based access control over the roles and bindings that are stored on the cluster. */
export function createAuthorizer(storage: Storage): Authorizer {
  const decide: Authorizer['decide'] = (user, attributes) => {
    if (user.groups.includes('system:masters')) return { allowed: true, reason: '' }
    const errors: string[] = []
    for (const binding of bindingsFor(storage, attributes)) {
      const subject = binding.subjects.find((each) => isSubject(each, user, binding.namespace))
      if (!subject) continue
      if (!binding.role) errors.push(binding.missingRole)
      else if (allows(binding.role.object, attributes)) {
        const who =
          subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace}` : subject.name
        const reason = `RBAC: allowed by ${binding.describe} to ${subject.kind} ${quote(who)}`
        return { allowed: true, reason }
      }
    }
    if (errors.length === 0) return { allowed: false, reason: '' }
    return {
      allowed: false,
      reason: `RBAC: ${errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`}`,
    }
  }
  const rulesFor: Authorizer['rulesFor'] = (user, namespace) => {
    if (user.groups.includes('system:masters')) {
      return [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]
    }
    const place = { verb: '', group: '', plural: '', subresource: '', namespace, name: '' }
    return [...bindingsFor(storage, place)]
      .filter(({ subjects, namespace: own }) => subjects.some((each) => isSubject(each, user, own)))
      .flatMap(({ role }) => role?.object.rules ?? [])
      .filter(({ resources }: Untyped) => resources?.length > 0)
  }
  return {
    decide,
    rulesFor,
    authorize: (user, attributes) => {
      const { allowed, reason } = decide(user, attributes)
      if (!allowed) throw refuse(user, attributes, reason)
    },
  }
}

export function refuse(user: User, attributes: Attributes, reason: string): ApiError {
  const suffix = reason === '' ? '' : `: ${reason}`
  const who = `User ${quote(user.username)} cannot ${attributes.verb}`
  if ('path' in attributes) {
    return new ApiError(
      403,
      'Forbidden',
      `forbidden: ${who} path ${quote(attributes.path)}${suffix}`,
      {},
    )
  }
  const { group, plural, subresource, namespace, name } = attributes
  const resource = subresource === '' ? plural : `${plural}/${subresource}`
  const scope = namespace === '' ? 'at the cluster scope' : `in the namespace ${quote(namespace)}`
  const why = `${who} resource ${quote(resource)} in API group ${quote(group)} ${scope}${suffix}`
  return forbidden({ group, plural }, name, why)
}

function* bindingsFor(storage: Storage, attributes: Attributes): Generator<Binding> {
  for (const { object } of storage.list(rbacCollections.clusterRoleBindings)!) {
    yield toBinding(storage, object, `ClusterRoleBinding ${quote(object.metadata.name)}`, undefined)
  }
  if ('path' in attributes || attributes.namespace === '') return
  const { namespace } = attributes
  for (const { object } of storage.list(rbacCollections.roleBindings, { namespace })!) {
    const name = `${object.metadata.name}/${namespace}`
    yield toBinding(storage, object, `RoleBinding ${quote(name)}`, namespace)
  }
}

function toBinding(
  storage: Storage,
  object: KubeObject,
  describe: string,
  namespace: string | undefined,
): Binding {
  const { kind, name } = object.roleRef
  const role =
    kind === 'ClusterRole'
      ? storage.find(rbacCollections.clusterRoles, '', name)
      : storage.find(rbacCollections.roles, namespace ?? '', name)
  return {
    describe: `${describe} of ${kind} ${quote(name)}`,
    namespace,
    subjects: object.subjects ?? [],
    role,
    missingRole: `${kind.toLowerCase()}.rbac.authorization.k8s.io ${quote(name)} not found`,
  }
}

function isSubject(subject: Untyped, user: User, bindingNamespace: string | undefined): boolean {
  switch (subject.kind) {
    case 'User':
      return subject.name === user.username
    case 'Group':
      return user.groups.includes(subject.name)
    case 'ServiceAccount': {
      const namespace = subject.namespace ?? bindingNamespace
      return user.username === `system:serviceaccount:${namespace}:${subject.name}`
    }
    default:
      return false
  }
}

function allows(role: KubeObject, attributes: Attributes): boolean {
  return (role.rules ?? []).some((rule: Untyped) => {
    if (!includes(rule.verbs, attributes.verb)) return false
    if ('path' in attributes) return (rule.nonResourceURLs ?? []).some(matchesPath(attributes.path))
    const { group, plural, subresource, name } = attributes
    return (
      includes(rule.apiGroups, group) &&
      matchesResource(rule.resources ?? [], plural, subresource) &&
      (!rule.resourceNames?.length || rule.resourceNames.includes(name))
    )
  })
}

function includes(list: string[] | undefined, value: string): boolean {
  return list !== undefined && (list.includes('*') || list.includes(value))
}

function matchesResource(resources: string[], plural: string, subresource: string): boolean {
  if (resources.includes('*')) return true
  if (subresource === '') return resources.includes(plural)
  return resources.includes(`${plural}/${subresource}`) || resources.includes(`*/${subresource}`)
}

function matchesPath(path: string): (pattern: string) => boolean {
  return (pattern) =>
    pattern === '*' ||
    pattern === path ||
    (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1)))
}
