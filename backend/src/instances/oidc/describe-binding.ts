import { createHash } from 'node:crypto'
import type { OidcBinding, OidcBindingQuery, OidcProfile } from '@hub/shared'
import { writeYaml } from '#yaml'
import { AppError } from '#errors'
import { predictGroup, predictUsername } from './predict-name.ts'
import { quoteWord } from './shell-words.ts'

/** A role for one person or group, as commands for whoever administers the cluster. Throws what `planBinding` throws. */
export function describeBinding(profile: OidcProfile, query: OidcBindingQuery): OidcBinding {
  const { binding, notes, subject } = planBinding(profile, query)
  const { kind, metadata, roleRef } = binding
  const place =
    metadata.namespace === undefined ? [] : [`--namespace=${quoteWord(metadata.namespace)}`]
  const word = kind.toLowerCase()
  return {
    name: metadata.name,
    subject,
    create: [
      `kubectl create ${word} ${metadata.name}`,
      `--${roleRef.kind.toLowerCase()}=${quoteWord(roleRef.name)}`,
      `--${query.user === undefined ? 'group' : 'user'}=${quoteWord(subject)}`,
      ...place,
    ].join(' '),
    remove: [`kubectl delete ${word} ${metadata.name}`, ...place].join(' '),
    yaml: writeYaml(binding),
    notes,
  }
}

/** The binding itself, and what to know of it. Throws `invalid-request` for `system:`. */
export function planBinding(
  profile: OidcProfile,
  { group, namespace, role, roleKind = 'ClusterRole', user }: OidcBindingQuery,
) {
  const isUser = user !== undefined
  const given = user ?? group ?? ''
  const { notes, value } = isUser ? readUserValue(profile, given) : { notes: [], value: given }
  const subject = isUser ? predictUsername(profile, value) : predictGroup(profile, value)
  if (subject.startsWith('system:')) {
    throw new AppError('invalid-request', {
      detail: `"${subject.slice(0, 200)}" begins with system:, which Kubernetes keeps for itself. Give the profile a prefix.`,
    })
  }
  const name = nameOf(
    role,
    `${roleKind === 'Role' ? 'Role ' : ''}${isUser ? 'user' : 'group'} ${subject} ${namespace ?? ''}`,
  )
  const kind = namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding'
  const apiGroup = 'rbac.authorization.k8s.io'
  const metadata: { name: string; namespace?: string } = {
    name,
    ...(namespace !== undefined && { namespace }),
  }
  return {
    subject,
    binding: {
      apiVersion: `${apiGroup}/v1`,
      kind,
      metadata,
      roleRef: { apiGroup, kind: roleKind, name: role },
      subjects: [{ apiGroup, kind: isUser ? 'User' : 'Group', name: subject }],
    },
    notes: [
      ...notes,
      ...(role === 'cluster-admin'
        ? [
            'cluster-admin may do everything on the cluster: use the administrator’s own kubeconfig.',
          ]
        : []),
      'Once it is removed, tokens that were issued before stay valid until they expire (how long that is, a trial of the sign-in shows); what it let them do ends at once.',
    ],
  }
}

/** What somebody may have copied from elsewhere: the name with its prefix, or another claim's value. */
function readUserValue(profile: OidcProfile, given: string): { value: string; notes: string[] } {
  const prefix = predictUsername(profile, '')
  const value = prefix !== '' && given.startsWith(prefix) ? given.slice(prefix.length) : given
  const { usernameClaim } = profile
  const looksLikeSub = /^[0-9]{12,}$|^[0-9a-f]{8}-[0-9a-f-]{27}$|#/i.test(value)
  if (usernameClaim === 'email' && !value.includes('@')) {
    return {
      value,
      notes: [
        `The cluster names people by their e-mail address, and "${value.slice(0, 100)}" is none${looksLikeSub ? ': it looks like a sub' : ''}. The binding would match nobody.`,
      ],
    }
  }
  if (usernameClaim === 'sub' && value.includes('@')) {
    return {
      value,
      notes: [
        `The cluster names people by sub, and "${value.slice(0, 100)}" looks like an e-mail address. The binding would match nobody.`,
      ],
    }
  }
  return { value, notes: [] }
}

/** Names of bindings hold no slash and no percent sign. */
function nameOf(role: string, of: string): string {
  const digest = createHash('sha256').update(of).digest('hex').slice(0, 8)
  return `hub-${role.toLowerCase().replaceAll(/[^a-z0-9.-]/g, '-')}-${digest}`
}
