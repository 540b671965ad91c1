import * as z from 'zod'

/** Ordered from least to most: a later role includes every permission of the earlier ones. */
export const roles = ['viewer', 'deployer', 'admin'] as const
export const Role = z.enum(roles)
export type Role = z.infer<typeof Role>

export const permissions = [
  'instance.view',
  'deployment.view',
  'deployment.create',
  'deployment.update',
  'deployment.delete',
  'deployment.chat',
  'user.manage',
  'grant.manage',
  'group-mapping.manage',
  'instance.manage',
  'audit.view',
] as const
export const Permission = z.enum(permissions)
export type Permission = z.infer<typeof Permission>
