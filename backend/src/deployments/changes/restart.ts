import type { DeploymentChange } from '@hub/shared'
import type { RequestContext } from '#context'
import { AppError } from '#errors'
import type { ReadyCluster } from '#instances'
import type { KubeObject } from '#kube'
import type { DeploymentDeps } from '../deps.ts'
import { changeObject, type ChangeTarget } from './change-object.ts'
import { readPointer } from './read-pointer.ts'

/** Runtimes whose pods are of Deployments that take the podTemplate: another annotation replaces them one after another. */
const passing = new Set(['vllm', 'llmd'])

/** As `kubectl rollout restart` marks it. */
const annotation = 'kubectl.kubernetes.io/restartedAt'

/**
 * Replaces the pods of a deployment one after another. Throws what `changeObject` throws, and `deployment-invalid` where its
 * runtime gives the hub no way to.
 */
export function restartDeployment(
  ctx: RequestContext,
  deps: DeploymentDeps,
  target: ChangeTarget,
): Promise<DeploymentChange> {
  return changeObject(ctx, deps, target, (current, cluster) => {
    requirePassing(target, current, cluster)
    const annotations = { [annotation]: ctx.now().toISOString() }
    return { spec: { podTemplate: { metadata: { annotations } } } }
  })
}

function requirePassing(target: ChangeTarget, { spec, status }: KubeObject, cluster: ReadyCluster) {
  const runtime = readPointer(status, '/provider/name') ?? readPointer(spec, '/provider/name')
  if (typeof runtime === 'string' && passing.has(runtime)) return
  const { instance, name, namespace } = target
  const detail =
    typeof runtime === 'string'
      ? `Deployment "${name}" cannot be restarted from here: its runtime ${runtime} keeps the pod template to itself. Whoever may delete pods on instance "${instance}" can do it, one pod after another: kubectl delete pod -n ${namespace} -l ${selectPods(runtime, name, cluster)} (all at once, and the model is away until they are back).`
      : `Deployment "${name}" cannot be restarted: no runtime has taken it yet, so that there are no pods. Look at what keeps it waiting.`
  throw new AppError('deployment-invalid', { detail })
}

function selectPods(runtime: string, name: string, { apiGroup }: ReadyCluster): string {
  if (runtime === 'kaito') return `kaito.sh/workspace=${name}`
  if (runtime === 'dynamo') return `nvidia.com/dynamo-graph-deployment-name=${name}`
  return `${apiGroup}/model-deployment=${name}`
}
