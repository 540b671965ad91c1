import type { IncomingMessage } from 'node:http'
import { serviceAccountGroups } from './authentication.ts'
import type { User } from './authentication.ts'
import { refuse, toAttributes } from './authorization.ts'
import type { Attributes, Authorizer } from './authorization.ts'
import type { RequestInfo } from './request-info.ts'
import { badRequest } from './status.ts'

type Requested = {
  username: string
  uid: string
  groups: string[]
  extra: Record<string, string[]>
}

export type Impersonate = (request: IncomingMessage, info: RequestInfo, user: User) => User

/** Acts as whom the Impersonate-* headers name, if the requester may. */
export function createImpersonation(authorizer: Authorizer): Impersonate {
  // Kubernetes 1.36 tries the kind of permission first that last worked for a requester, and its
  // refusal speaks of that kind. Here it decides the wording alone.
  const hasImpersonated = new Set<string>()

  return (request, info, user) => {
    const requested = readHeaders(request)
    if (!requested) return user
    const subjects = toSubjects(requested)
    for (const subject of subjects) {
      const { allowed, reason } = authorizer.decide(user, subject)
      if (allowed) continue
      if (hasImpersonated.has(user.username)) throw refuse(user, subject, reason)
      const target = toAttributes(info)
      throw refuse(user, { ...target, verb: `impersonate-on:user-info:${target.verb}` }, reason)
    }
    hasImpersonated.add(user.username)
    return toUser(requested)
  }
}

/** Repeated headers are several values: only rawHeaders keeps them apart. */
function readHeaders(request: IncomingMessage): Requested | undefined {
  const requested: Requested = { username: '', uid: '', groups: [], extra: {} }
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i]!.toLowerCase()
    const value = request.rawHeaders[i + 1]!
    if (name === 'impersonate-user') requested.username = value
    else if (name === 'impersonate-uid') requested.uid = value
    else if (name === 'impersonate-group') requested.groups.push(value)
    else if (name.startsWith('impersonate-extra-')) {
      const key = decodeURIComponent(name.slice('impersonate-extra-'.length))
      ;(requested.extra[key] ??= []).push(value)
    }
  }
  const { username, uid, groups, extra } = requested
  if (username !== '') return requested
  if (uid === '' && groups.length === 0 && Object.keys(extra).length === 0) return undefined
  const goGroups =
    groups.length === 0
      ? '[]string(nil)'
      : `[]string{${groups.map((each) => JSON.stringify(each)).join(', ')}}`
  throw badRequest(
    `requested &user.DefaultInfo{Name:"", UID:${JSON.stringify(uid)}, Groups:${goGroups}, Extra:map[string][]string(nil)} without impersonating a user name`,
  )
}

function toSubjects({ username, uid, groups, extra }: Requested): Attributes[] {
  const ask = (group: string, plural: string, name: string, rest = {}): Attributes => ({
    verb: 'impersonate',
    group,
    plural,
    subresource: '',
    namespace: '',
    name,
    ...rest,
  })
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username)
  return [
    account
      ? ask('', 'serviceaccounts', account[2]!, { namespace: account[1]! })
      : ask('', 'users', username),
    ...groups.map((group) => ask('', 'groups', group)),
    ...(uid === '' ? [] : [ask('authentication.k8s.io', 'uids', uid)]),
    ...Object.entries(extra).flatMap(([key, values]) =>
      values.map((value) =>
        ask('authentication.k8s.io', 'userextras', value, { subresource: key }),
      ),
    ),
  ]
}

function toUser({ username, uid, groups, extra }: Requested): User {
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username)
  const own = account && groups.length === 0 ? serviceAccountGroups(account[1]!) : groups
  const membership =
    username === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated'
  return {
    username,
    ...(uid !== '' && { uid }),
    groups: own.includes(membership) ? own : [...own, membership],
    ...(Object.keys(extra).length > 0 && { extra }),
  }
}
