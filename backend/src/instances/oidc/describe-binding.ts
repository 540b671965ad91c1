import { createHash } from 'node:crypto'
import type { OidcBinding, OidcBindingQuery, OidcProfile } from '@hub/shared'
import { stringify } from 'yaml'
import { AppError } from '#errors'
import { predictGroup, predictUsername } from './predict-name.ts'
import { quoteWord } from './shell-words.ts'

/** A role for one person or group, as the cluster's administrator makes it. Throws `invalid-request` for `system:`. */
export function describeBinding(
  profile: OidcProfile,
  { group, namespace, role, user }: OidcBindingQuery,
): OidcBinding {
  const isUser = user !== undefined
  const given = user ?? group ?? ''
  const { notes, value } = isUser ? readUserValue(profile, given) : { notes: [], value: given }
  const subject = isUser ? predictUsername(profile, value) : predictGroup(profile, value)
  if (subject.startsWith('system:')) {
    throw new AppError('invalid-request', {
      detail: `"${subject.slice(0, 200)}" begins with system:, which Kubernetes keeps for itself. Give the profile a prefix.`,
    })
  }
  const name = nameOf(role, `${isUser ? 'user' : 'group'} ${subject} ${namespace ?? ''}`)
  const kind = namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding'
  const place = namespace === undefined ? [] : [`--namespace=${quoteWord(namespace)}`]
  const word = kind.toLowerCase()
  return {
    name,
    subject,
    create: [
      `kubectl create ${word} ${name}`,
      `--clusterrole=${quoteWord(role)}`,
      `--${isUser ? 'user' : 'group'}=${quoteWord(subject)}`,
      ...place,
    ].join(' '),
    remove: [`kubectl delete ${word} ${name}`, ...place].join(' '),
    yaml: stringify({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind,
      metadata: { name, ...(namespace !== undefined && { namespace }) },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [
        { apiGroup: 'rbac.authorization.k8s.io', kind: isUser ? 'User' : 'Group', name: subject },
      ],
    }),
    notes: [
      ...notes,
      ...(role === 'cluster-admin'
        ? [
            'cluster-admin may do everything on the cluster: use the administrator’s own kubeconfig.',
          ]
        : []),
      'Once it is removed, tokens that were issued before go on being good until they end; what they may do ends at once.',
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
        `The cluster names people by their e-mail address, and "${value.slice(0, 100)}" is none${looksLikeSub ? ': it looks like a sub' : ''}. The binding would be of nobody.`,
      ],
    }
  }
  if (usernameClaim === 'sub' && value.includes('@')) {
    return {
      value,
      notes: [
        `The cluster names people by sub, and "${value.slice(0, 100)}" looks like an e-mail address. The binding would be of nobody.`,
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
