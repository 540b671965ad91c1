import * as z from 'zod'
import { Grant, ProviderId } from './auth.ts'
import { InstanceId, NamespaceName } from './names.ts'
import { Permission, Role } from './roles.ts'
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

const hubWideAdmin = {
  path: ['role'],
  message: 'admin is hub-wide always; leave out instanceId and namespaces, or use deployer',
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
  cursor: z.string().max(1000).optional(),
}

/** What members of an identity provider's group are granted. */
export const GroupMappingInput = z
  .strictObject({
    provider: z.enum(ProviderId.options, 'must be entra, github or oidc').default('entra'),
    groupId: z
      .string()
      .trim()
      .min(1, "must be the group's id at its provider")
      .max(256)
      .regex(/^\P{Cc}*$/u, 'must not contain control characters'),
    groupName: z.string().trim().min(1).max(256).nullish(),
    ...scope,
  })
  .refine(isAdminHubWide, hubWideAdmin)
export type GroupMappingInput = z.infer<typeof GroupMappingInput>

/** `people` counts who holds a grant by it now. */
export const GroupMapping = z.object({
  id: z.uuid(),
  provider: ProviderId,
  groupId: z.string(),
  groupName: z.string().nullable(),
  role: Role,
  instanceId: InstanceId.nullable(),
  namespaces: z.array(NamespaceName).nullable(),
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
  people: z.int(),
})
export type GroupMapping = z.infer<typeof GroupMapping>

/** A page in the order of providers and group ids; `next` is the cursor of the page after it. */
export const GroupMappingList = z.object({
  items: z.array(GroupMapping),
  total: z.int(),
  next: z.string().nullable(),
})
export type GroupMappingList = z.infer<typeof GroupMappingList>

export const PageQuery = z.strictObject(pageQuery)
export type PageQuery = z.infer<typeof PageQuery>

export const GrantInput = z
  .strictObject({
    ...scope,
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
  /** The identity that a configured grant names. */
  principal: z.string().nullable(),
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

export const GrantOriginList = z.object({ items: z.array(GrantOrigin) })
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

/** Without `instance` about the whole hub, without `namespace` about the instance itself, without `permission` about all. */
export const EffectiveAccessQuery = z
  .strictObject({
    user: UserId,
    instance: InstanceId.optional(),
    namespace: NamespaceName.optional(),
    permission: Permission.optional(),
  })
  .refine(({ instance, namespace }) => namespace === undefined || instance !== undefined, {
    path: ['instance'],
    message: 'is required with a namespace',
  })
export type EffectiveAccessQuery = z.infer<typeof EffectiveAccessQuery>

/** Whether somebody may, because of which grants; each other grant with the reason why it does not count here. */
export const AccessDecision = z.object({
  permission: Permission,
  isAllowed: z.boolean(),
  /** In words. */
  reason: z.string(),
  /** The ids of the grants that allow it. */
  grants: z.array(z.string()),
  /** The grants that do not. */
  others: z.array(z.object({ grant: z.string(), reason: z.string() })),
})
export type AccessDecision = z.infer<typeof AccessDecision>

export const EffectiveAccess = z.object({
  user: z.object({
    id: UserId,
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
