import type { Grant } from '@hub/shared'
import type { ConfigGrant } from '#config'

/** The grants a principal holds. Configuration is their only source so far. */
export function grantsOf(configured: readonly ConfigGrant[], principal: string): Grant[] {
  return configured.filter((entry) => entry.principal === principal).map((entry) => entry.grant)
}

/** The namespaces that anybody's grants name on an instance: where people look. */
export function grantedNamespaces(configured: readonly ConfigGrant[], instance: string): string[] {
  return configured.flatMap(({ grant: { instanceId, namespaces } }) =>
    instanceId === null || instanceId === instance ? (namespaces ?? []) : [],
  )
}
