import { Role, type ApiToken } from '@hub/shared'
import type { ApiTokenRow } from './store.ts'

export function presentToken(row: ApiTokenRow): ApiToken {
  return {
    id: row.id,
    name: row.name,
    roleCeiling: Role.parse(row.roleCeiling),
    instanceIds: row.instanceIds === null ? null : [...row.instanceIds],
    isUseOnly: row.isUseOnly,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  }
}
