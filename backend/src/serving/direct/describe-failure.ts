import type { ProblemCode } from '@hub/shared'
import { AppError } from '#errors'
import type { ClusterError } from '#kube'
import type { ServedDeployment } from '../served-deployment.ts'

/** What whoever called a model past its API server is told when that failed. */
export function toDirectError(
  error: ClusterError,
  { instance, name, namespace }: ServedDeployment,
): AppError {
  return new AppError(codeOf(error), {
    detail: `Model ${namespace}/${name} on instance "${instance}", called at its own address, ${end(error.message)} Try again; if it keeps happening, an administrator of the hub can look at the address in the instance's policy.`,
    cause: error,
    ...(error.retryAfterSeconds !== null && { retryAfterSeconds: error.retryAfterSeconds }),
  })
}

function codeOf({ kind }: ClusterError): ProblemCode {
  switch (kind) {
    case 'timeout':
      return 'instance-timeout'
    case 'tls':
      return 'instance-tls'
    case 'throttled':
      return 'instance-throttled'
    case 'dns':
    case 'refused':
    case 'blocked-address':
    case 'aborted':
    case 'no-descriptor':
      return 'instance-unreachable'
    default:
      return 'instance-error'
  }
}

function end(words: string): string {
  return /[.!?…]$/.test(words) ? words : `${words}.`
}
