import type { Instance, Maintenance } from '@hub/shared'

/** Why an instance takes no new deployments for now; null where it takes them. */
export function findMaintenance(instance: Instance & { maintenance?: Maintenance | null }) {
  return instance.maintenance ?? null
}
