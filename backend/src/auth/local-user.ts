import type { Config } from '#config'
import type { UserActor } from '#context'

/** The person at this machine, who may do everything with their own kubeconfig; null in hub mode. */
export function createLocalUser({
  config: { local },
  restingInstances,
}: {
  config: Pick<Config, 'local'>
  restingInstances: ReadonlySet<string>
}): UserActor | null {
  if (local === null) return null
  return {
    type: 'user',
    userId: 'local',
    principal: `local:${local.user}`,
    displayName: local.user,
    email: null,
    provider: 'local',
    credential: { type: 'local' },
    grants: [
      {
        id: 'local',
        role: 'admin',
        instanceId: null,
        namespaces: null,
        source: 'config',
        endsAt: null,
      },
    ],
    restingInstances,
  }
}
