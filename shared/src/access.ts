import * as z from 'zod'
import { Grant, GrantLimits, ProviderId } from './auth.ts'
import { InstanceId, NamespaceName } from './names.ts'
import { Permission, Role } from './roles.ts'
import { IdText, LineText, ProseText } from './text.ts'
import { UserId } from './users.ts'

const scope = {
  role: Role,
  /** Left out for all instances. */
  instanceId: InstanceId.nullish(),
  /** Left out for all namespaces. */
  namespaces: z
    .array(NamespaceName)
    .min(1, 'must not be empty; leave it out for all namespaces')
    .max(100)
    .nullish(),
}

const limited = {
  ...scope,
  /** Left out for as much as they like. */
  limits: GrantLimits.nullish(),
}

const hubWideAdmin = {
  path: ['role'],
  message: 'admin is always hub-wide; leave out instanceId and namespaces, or use deployer',
}

function isAdminHubWide(input: {
  role: Role
  instanceId?: string | null | undefined
  namespaces?: string[] | null | undefined
}): boolean {
  return input.role !== 'admin' || (!input.instanceId && !input.namespaces)
}

const pageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: IdText.max(1000).optional(),
}

/** A person or a program as the configuration names them. */
export const Principal = z
  .string()
  .regex(
    /^(entra:[^:\s]+:[^:\s]+|github:[0-9]+|oidc:\P{Cc}{1,255}|service:\P{Cc}+@https?:\/\/\S+)$/u,
    'must be a principal such as oidc:<subject>, github:<numeric id>, entra:<tenant id>:<object id> or service:<client id>@<issuer>',
  )

/** What the configuration grants to one principal. */
export const ConfigGrantInput = z
  .strictObject({ principal: Principal, ...limited })
  .refine(isAdminHubWide, hubWideAdmin)
export type ConfigGrantInput = z.infer<typeof ConfigGrantInput>

/** What members of an identity provider's group are granted. */
export const GroupMappingInput = z
  .strictObject({
    provider: z.enum(ProviderId.options, 'must be entra, github or oidc').default('entra'),
    groupId: LineText.min(1, "must be the group's id at its provider").max(256),
    groupName: LineText.min(1).max(256).nullish(),
    ...limited,
  })
  .refine(isAdminHubWide, hubWideAdmin)
export type GroupMappingInput = z.infer<typeof GroupMappingInput>

/** The file of the configuration as this replica has read it. */
export const ConfigFileState = z.object({
  path: z.string(),
  /** Why the file as it is now does not count, but the one before it; sentences, none where it counts. */
  mistakes: z.array(z.string()),
  /** Since when that is so. */
  since: z.iso.datetime(),
})
export type ConfigFileState = z.infer<typeof ConfigFileState>

/** `people` counts who holds a grant by it now. What is of source `config` stands in `file` and is changed there alone. */
export const GroupMapping = z.object({
  id: z.uuid(),
  provider: ProviderId,
  groupId: z.string(),
  groupName: z.string().nullable(),
  role: Role,
  instanceId: InstanceId.nullable(),
  namespaces: z.array(NamespaceName).nullable(),
  /** Left out where there is none. */
  limits: GrantLimits.optional(),
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
  people: z.int(),
  source: z.enum(['manual', 'config']),
  file: z.string().nullable(),
})
export type GroupMapping = z.infer<typeof GroupMapping>

/** A page, those of the configuration first, then in the order of providers and group ids; `next` is the cursor of the page after it. */
export const GroupMappingList = z.object({
  items: z.array(GroupMapping),
  total: z.int(),
  next: z.string().nullable(),
  /** Null where the hub has none. */
  configFile: ConfigFileState.nullable(),
})
export type GroupMappingList = z.infer<typeof GroupMappingList>

export const PageQuery = z.strictObject(pageQuery)
export type PageQuery = z.infer<typeof PageQuery>

export const GrantInput = z
  .strictObject({
    ...limited,
    /** When it ends by itself. */
    endsAt: z.iso
      .datetime({
        offset: true,
        error: 'must be a time with its zone, such as 2030-01-31T18:00:00Z',
      })
      .nullish(),
  })
  .refine(isAdminHubWide, hubWideAdmin)
export type GrantInput = z.infer<typeof GrantInput>

/** A grant with where it comes from: by hand, of a mapping, of a request, or of the configuration for one principal. */
export const GrantOrigin = Grant.extend({
  isActive: z.boolean(),
  createdAt: z.iso.datetime().nullable(),
  createdBy: z.string().nullable(),
  createdByName: z.string().nullable(),
  /** The identity that a configured grant names. */
  principal: z.string().nullable(),
  /** Where it stands, if that is the file of the configuration. */
  file: z.string().nullable(),
  mapping: z
    .object({
      id: z.string(),
      provider: z.string(),
      groupId: z.string(),
      groupName: z.string().nullable(),
    })
    .nullable(),
})
export type GrantOrigin = z.infer<typeof GrantOrigin>

export const GrantOriginList = z.object({
  items: z.array(GrantOrigin),
  /** Null where the hub has none. */
  configFile: ConfigFileState.nullable(),
})
export type GrantOriginList = z.infer<typeof GrantOriginList>

/** A program that presented a token of a configured issuer. */
export const ServicePrincipal = z.object({
  id: z.uuid(),
  principal: z.string(),
  displayName: z.string(),
  issuer: z.string(),
  clientId: z.string(),
  disabledAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime().nullable(),
})
export type ServicePrincipal = z.infer<typeof ServicePrincipal>

export const ServicePrincipalList = z.object({
  items: z.array(ServicePrincipal),
  total: z.int(),
  next: z.string().nullable(),
})
export type ServicePrincipalList = z.infer<typeof ServicePrincipalList>

/** A group that somebody who signed in is known to be in; `people` counts them. */
export const KnownGroup = z.object({
  provider: ProviderId,
  id: z.string(),
  name: z.string().nullable(),
  people: z.int(),
})
export type KnownGroup = z.infer<typeof KnownGroup>

export const KnownGroupList = z.object({ items: z.array(KnownGroup) })
export type KnownGroupList = z.infer<typeof KnownGroupList>

export const KnownGroupsQuery = z.strictObject({
  /** Part of a name or an id. */
  q: LineText.min(1).max(200).optional(),
  provider: ProviderId.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
})
export type KnownGroupsQuery = z.infer<typeof KnownGroupsQuery>

const minutes = z
  .int('must be a whole number of minutes')
  .min(15, 'must be at least 15 minutes')
  .max(90 * 24 * 60, 'must be at most 90 days, which is 129600 minutes')
const reason = ProseText.min(1, 'must say why').max(1000)

/** A role that somebody asks for. Whether there is such an instance is seen by who decides. */
export const AccessRequestInput = z
  .strictObject({
    ...scope,
    reason,
    /** How long the grant lasts from its approval. */
    minutes,
  })
  .refine(isAdminHubWide, hubWideAdmin)
export type AccessRequestInput = z.infer<typeof AccessRequestInput>

/** `ended`: it was approved, and its grant is over or was taken back. */
export const AccessRequestState = z.enum(['waiting', 'approved', 'ended', 'refused', 'withdrawn'])
export type AccessRequestState = z.infer<typeof AccessRequestState>

export const AccessRequest = z.object({
  id: z.uuid(),
  role: Role,
  instanceId: InstanceId.nullable(),
  namespaces: z.array(NamespaceName).nullable(),
  reason: z.string(),
  minutes: z.int(),
  state: AccessRequestState,
  createdAt: z.iso.datetime(),
  decidedAt: z.iso.datetime().nullable(),
  decisionReason: z.string().nullable(),
  /** When the grant that it became ends, or ended. */
  endsAt: z.iso.datetime().nullable(),
})
export type AccessRequest = z.infer<typeof AccessRequest>

/** One's own, the latest first. */
export const AccessRequestList = z.object({ items: z.array(AccessRequest) })
export type AccessRequestList = z.infer<typeof AccessRequestList>

/** As who decides sees it. */
export const AccessRequestOfUser = AccessRequest.extend({
  user: z.object({
    id: UserId,
    displayName: z.string(),
    email: z.string().nullable(),
    principals: z.array(z.string()),
    disabledAt: z.iso.datetime().nullable(),
  }),
  decidedBy: z.string().nullable(),
  decidedByName: z.string().nullable(),
  grantId: z.string().nullable(),
  /** There is such an instance now; true of a request for all. */
  hasInstance: z.boolean(),
  /** It is the caller's own: somebody else decides. */
  isOwn: z.boolean(),
})
export type AccessRequestOfUser = z.infer<typeof AccessRequestOfUser>

/** A page: those that wait, oldest first; those decided, the latest first. `waiting` counts all that wait. */
export const AccessRequestPage = z.object({
  items: z.array(AccessRequestOfUser),
  total: z.int(),
  waiting: z.int(),
  next: z.string().nullable(),
})
export type AccessRequestPage = z.infer<typeof AccessRequestPage>

export const AccessRequestsQuery = z.strictObject({
  ...pageQuery,
  status: z.enum(['waiting', 'decided']).default('waiting'),
})
export type AccessRequestsQuery = z.infer<typeof AccessRequestsQuery>

/** `minutes` shortens what was asked for. */
export const ApproveAccessRequest = z.strictObject({
  minutes: minutes.optional(),
  reason: reason.optional(),
})
export type ApproveAccessRequest = z.infer<typeof ApproveAccessRequest>

export const RefuseAccessRequest = z.strictObject({ reason })
export type RefuseAccessRequest = z.infer<typeof RefuseAccessRequest>

/** Of a person or a program, one of both. Without `instance` about the whole hub, without `namespace` about the instance itself, without `permission` about all. */
export const EffectiveAccessQuery = z
  .strictObject({
    user: UserId.optional(),
    service: z.uuid().optional(),
    instance: InstanceId.optional(),
    namespace: NamespaceName.optional(),
    permission: Permission.optional(),
  })
  .refine(({ instance, namespace }) => namespace === undefined || instance !== undefined, {
    path: ['instance'],
    message: 'is required with a namespace',
  })
  .refine(({ service, user }) => (service === undefined) !== (user === undefined), {
    path: ['user'],
    message: 'is required, or service in its place: exactly one of the two',
  })
export type EffectiveAccessQuery = z.infer<typeof EffectiveAccessQuery>

/** Whether somebody may, because of which grants; each other grant with the reason why it does not count here. */
export const AccessDecision = z.object({
  permission: Permission,
  isAllowed: z.boolean(),
  /** In words. */
  reason: z.string(),
  /** What stands in the way whatever the grants: they are disabled, or there is no such instance. */
  obstacle: z.string().nullable(),
  /** The cluster's own RBAC applies as well: the hub asks it on their behalf. */
  isClusterAsked: z.boolean(),
  /** The ids of the grants that allow it. */
  grants: z.array(z.string()),
  /** The grants that do not. */
  others: z.array(z.object({ grant: z.string(), reason: z.string() })),
})
export type AccessDecision = z.infer<typeof AccessDecision>

export const EffectiveAccess = z.object({
  holder: z.object({
    type: z.enum(['user', 'service']),
    id: z.uuid(),
    displayName: z.string(),
    disabledAt: z.iso.datetime().nullable(),
    principals: z.array(z.string()),
  }),
  instance: InstanceId.nullable(),
  namespace: NamespaceName.nullable(),
  decisions: z.array(AccessDecision),
  grants: z.array(GrantOrigin),
})
export type EffectiveAccess = z.infer<typeof EffectiveAccess>
