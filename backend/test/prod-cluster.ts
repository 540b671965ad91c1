import { startApiServer, type ApiServer } from '@hub/demo'

/** For `describeHub`: one cluster, the instance `prod`, where `oidc:root` may do everything. */
export function prodCluster() {
  let cluster: ApiServer
  return {
    start: async ({ defer }: { defer(end: () => unknown): void }) => {
      cluster = await startApiServer()
      defer(() => cluster.stop())
      const credentials = { prod: cluster.kubeconfig('client-certificate') }
      return { env: { HUB_ADMINS: 'oidc:root' }, credentials }
    },
    get cluster() {
      return cluster
    },
  }
}
