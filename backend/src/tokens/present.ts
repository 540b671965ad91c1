import { Role, type ApiToken, type TokenBudget } from '@hub/shared'
import type { ApiTokenRow } from './store.ts'

/** `used` is what is used of its budget. */
export function presentToken(row: ApiTokenRow, used: ApiToken['used'] = null): ApiToken {
  const budget = readBudget(row)
  const hasBudget = budget.callsPerDay !== null || budget.gpus !== null
  return {
    id: row.id,
    name: row.name,
    roleCeiling: Role.parse(row.roleCeiling),
    instanceIds: row.instanceIds === null ? null : [...row.instanceIds],
    isUseOnly: row.isUseOnly,
    budget,
    used: hasBudget ? (used ?? { callsToday: 0, gpus: 0 }) : null,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  }
}

export function readBudget({
  callsPerDay,
  gpusMax,
}: Pick<ApiTokenRow, 'callsPerDay' | 'gpusMax'>): TokenBudget {
  return { callsPerDay, gpus: gpusMax }
}
