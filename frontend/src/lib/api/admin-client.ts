import {
  AccessRequestOfUser,
  AccessRequestPage,
  ApiTokenList,
  AuditPage,
  EffectiveAccess,
  GrantOrigin,
  GrantOriginList,
  GroupMapping,
  GroupMappingList,
  KnownGroupList,
  ServicePrincipal,
  ServicePrincipalList,
  SessionList,
  User,
  UserList,
  type AccessRequestsQuery,
  type ApproveAccessRequest,
  type AuditExportFormat,
  type AuditFilter,
  type EffectiveAccessQuery,
  type GrantInput,
  type GroupMappingInput,
  type ProviderId,
  type RefuseAccessRequest,
  type UsersQuery,
} from '@hub/shared'
import { api, encode, read, send } from './client.ts'

/** Who holds grants: a person or a program. */
export type Holder = { user: string } | { service: string }

/** A place in a list: from the start without a cursor. */
export interface PageAt {
  limit: number
  cursor: string | undefined
}

const usersApi = api.admin.users
const userApi = usersApi[':user']
const servicesApi = api.admin['service-principals']
const mappingsApi = api.admin['group-mappings']
const requestsApi = api.admin['access-requests']

export async function fetchUsers(
  filter: Pick<UsersQuery, 'q' | 'status'>,
  page: PageAt,
  signal: AbortSignal,
): Promise<UserList> {
  const query = { ...filter, ...toQuery(page) }
  return await read(UserList, usersApi.$get({ query }, { init: { signal } }))
}

export async function fetchUser(user: string, signal: AbortSignal): Promise<User> {
  return await read(User, userApi.$get({ param: encode({ user }) }, { init: { signal } }))
}

export async function disableUser(user: string): Promise<User> {
  return await read(User, userApi.disable.$post({ param: encode({ user }) }))
}

export async function enableUser(user: string): Promise<User> {
  return await read(User, userApi.enable.$post({ param: encode({ user }) }))
}

/** Makes an identity of another person one of this person's. */
export async function linkIdentity(user: string, identityId: string): Promise<User> {
  const sent = userApi.identities.$post({ param: encode({ user }), json: { identityId } })
  return await read(User, sent)
}

/** Makes an identity a person of its own, whom it answers. */
export async function unlinkIdentity(user: string, identity: string): Promise<User> {
  const sent = userApi.identities[':identity'].$delete({ param: encode({ user, identity }) })
  return await read(User, sent)
}

export async function fetchSessionsOf(user: string, signal: AbortSignal): Promise<SessionList> {
  const sent = userApi.sessions.$get({ param: encode({ user }) }, { init: { signal } })
  return await read(SessionList, sent)
}

export async function endSessionOf(user: string, session: string): Promise<void> {
  await send(userApi.sessions[':session'].$delete({ param: encode({ user, session }) }))
}

export async function endSessionsOf(user: string): Promise<void> {
  await send(userApi.sessions.$delete({ param: encode({ user }) }))
}

export async function fetchTokensOf(id: string, signal: AbortSignal): Promise<ApiTokenList> {
  const sent = usersApi[':id'].tokens.$get({ param: encode({ id }) }, { init: { signal } })
  return await read(ApiTokenList, sent)
}

export async function revokeTokenOf(id: string, token: string): Promise<void> {
  await send(usersApi[':id'].tokens[':token'].$delete({ param: encode({ id, token }) }))
}

export async function fetchServicePrincipals(
  page: PageAt,
  signal: AbortSignal,
): Promise<ServicePrincipalList> {
  const sent = servicesApi.$get({ query: toQuery(page) }, { init: { signal } })
  return await read(ServicePrincipalList, sent)
}

export async function fetchServicePrincipal(
  service: string,
  signal: AbortSignal,
): Promise<ServicePrincipal> {
  const sent = servicesApi[':service'].$get({ param: encode({ service }) }, { init: { signal } })
  return await read(ServicePrincipal, sent)
}

export async function fetchGrants(holder: Holder, signal: AbortSignal): Promise<GrantOriginList> {
  const init = { init: { signal } }
  const sent =
    'user' in holder
      ? userApi.roles.$get({ param: encode(holder) }, init)
      : servicesApi[':service'].roles.$get({ param: encode(holder) }, init)
  return await read(GrantOriginList, sent)
}

export async function createGrant(holder: Holder, json: GrantInput): Promise<GrantOrigin> {
  const sent =
    'user' in holder
      ? userApi.roles.$post({ param: encode(holder), json })
      : servicesApi[':service'].roles.$post({ param: encode(holder), json })
  return await read(GrantOrigin, sent)
}

export async function deleteGrant(holder: Holder, grant: string): Promise<void> {
  if ('user' in holder) {
    await send(userApi.roles[':grant'].$delete({ param: encode({ ...holder, grant }) }))
    return
  }
  const rolesApi = servicesApi[':service'].roles
  await send(rolesApi[':grant'].$delete({ param: encode({ ...holder, grant }) }))
}

export async function fetchEffectiveAccess(
  query: EffectiveAccessQuery,
  signal: AbortSignal,
): Promise<EffectiveAccess> {
  const sent = api.admin['effective-access'].$get({ query }, { init: { signal } })
  return await read(EffectiveAccess, sent)
}

export async function fetchGroupMappings(
  page: PageAt,
  signal: AbortSignal,
): Promise<GroupMappingList> {
  const sent = mappingsApi.$get({ query: toQuery(page) }, { init: { signal } })
  return await read(GroupMappingList, sent)
}

export async function createGroupMapping(json: GroupMappingInput): Promise<GroupMapping> {
  return await read(GroupMapping, mappingsApi.$post({ json }))
}

export async function updateGroupMapping(
  id: string,
  json: GroupMappingInput,
): Promise<GroupMapping> {
  return await read(GroupMapping, mappingsApi[':id'].$put({ param: encode({ id }), json }))
}

export async function deleteGroupMapping(id: string): Promise<void> {
  await send(mappingsApi[':id'].$delete({ param: encode({ id }) }))
}

/** The groups that match, of one provider. */
export async function fetchKnownGroups(
  { provider, q }: { provider: ProviderId; q: string },
  signal: AbortSignal,
): Promise<KnownGroupList> {
  const query = { provider, ...(q !== '' && { q }) }
  return await read(KnownGroupList, api.admin.groups.$get({ query }, { init: { signal } }))
}

export async function fetchRequests(
  status: AccessRequestsQuery['status'],
  page: PageAt,
  signal: AbortSignal,
): Promise<AccessRequestPage> {
  const query = { status, ...toQuery(page) }
  return await read(AccessRequestPage, requestsApi.$get({ query }, { init: { signal } }))
}

export async function approveRequest(
  id: string,
  json: ApproveAccessRequest,
): Promise<AccessRequestOfUser> {
  const sent = requestsApi[':id'].approve.$post({ param: encode({ id }), json })
  return await read(AccessRequestOfUser, sent)
}

export async function refuseRequest(
  id: string,
  json: RefuseAccessRequest,
): Promise<AccessRequestOfUser> {
  const sent = requestsApi[':id'].refuse.$post({ param: encode({ id }), json })
  return await read(AccessRequestOfUser, sent)
}

export async function fetchAudit(
  filter: AuditFilter,
  page: PageAt,
  signal: AbortSignal,
): Promise<AuditPage> {
  const query = { ...filter, ...toQuery(page) }
  return await read(AuditPage, api.admin.audit.$get({ query }, { init: { signal } }))
}

/** Where a browser downloads the audit log's rows that match. */
export function auditExportPath(filter: AuditFilter, format: AuditExportFormat): string {
  const given = Object.entries({ ...filter, format }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  return `${api.admin.audit.export.$path()}?${new URLSearchParams(given).toString()}`
}

function toQuery({ cursor, limit }: PageAt) {
  return { limit: String(limit), ...(cursor !== undefined && { cursor }) }
}
