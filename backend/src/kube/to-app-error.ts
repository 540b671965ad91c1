import type { FieldError, ProblemCode } from '@hub/shared'
import { AppError } from '#errors'
import { ClusterError } from './cluster-error.ts'
import { deniedFields, fieldToPointer } from './denied-fields.ts'

/** The codes of what may keep a cluster from answering, whatever it is asked. */
export const clusterProblems = [
  'instance-unreachable',
  'instance-timeout',
  'instance-tls',
  'instance-unauthorized',
  'instance-forbidden',
  'no-cluster-token',
  'instance-throttled',
  'instance-error',
] as const satisfies readonly ProblemCode[]

/**
 * `isImpersonated`: the request was made on the caller's behalf, so that a refusal is theirs. `isChange`: it may have
 * been done although no answer came. `ownToken`: it was made with the caller's own token, and `bind` is the command that
 * gives its bearer a role.
 */
type ErrorTarget = {
  instance: string
  isImpersonated?: boolean
  isChange?: boolean
  ownToken?: { bind: string | null }
}

/**
 * What a caller of the hub is told when a cluster failed: complete sentences that name the instance and what to do.
 * Any other error is returned as it came.
 */
export function toAppError(error: ClusterError, target: ErrorTarget): AppError
export function toAppError(error: unknown, target: ErrorTarget): unknown
export function toAppError(error: unknown, target: ErrorTarget): unknown {
  if (!(error instanceof ClusterError)) return error
  const [code, detail] = describe(error, target)
  const errors = listErrors(code, error)
  return new AppError(code, {
    detail,
    cause: error,
    ...(errors.length > 0 && { errors }),
    ...(error.retryAfterSeconds !== null && { retryAfterSeconds: error.retryAfterSeconds }),
  })
}

function describe(
  error: ClusterError,
  { instance: id, isChange = false, isImpersonated = false, ownToken }: ErrorTarget,
): [ProblemCode, string] {
  const instance = `Instance "${id}"`
  const words = sentence(error.message)
  switch (error.kind) {
    case 'dns':
    case 'refused':
      return [
        'instance-unreachable',
        `${instance} ${words} Try again later; if it keeps happening, an administrator of the hub can check its address and network.`,
      ]
    case 'proxy':
      return [
        'instance-unreachable',
        `${instance} ${words} Try again later; if it keeps happening, an administrator of the hub can check the proxy and the "proxy-url" in its credential.`,
      ]
    case 'blocked-address':
      return [
        'instance-unreachable',
        `${instance} ${words} An administrator of the hub can check its credential.`,
      ]
    case 'aborted':
      return ['instance-unreachable', `The request to ${lower(instance)} was ended. Try again.`]
    case 'timeout':
      return [
        'instance-timeout',
        isChange
          ? `${instance} did not answer in time. Look at its current state before you try again.`
          : `${instance} did not answer in time. The hub keeps trying; if it keeps happening, an administrator of the hub can look at its API server and the network to it.`,
      ]
    case 'tls':
      return [
        'instance-tls',
        `${instance} ${words} An administrator of the hub can check the certificate authority and server name in its credential.`,
      ]
    case 'no-credential':
      return [
        'instance-unauthorized',
        `${instance} has no valid credential. An administrator of the hub sees why on the page Instances.`,
      ]
    case 'unauthorized':
      if (ownToken) {
        return [
          'no-cluster-token',
          `Kubernetes on "${id}" does not take your token (401): it has ended, or the API server does not trust its issuer, its audience or its claims as the instance's OIDC profile has them. Come with a new one, or sign in again; if that changes nothing, an administrator can verify the profile and look at the API server's log.`,
        ]
      }
      return [
        'instance-unauthorized',
        `${instance} refused the hub's credential. An administrator of the hub can replace it: it may have expired.`,
      ]
    case 'forbidden':
      if (isImpersonated && isImpersonationRefused(error)) {
        return [
          'instance-forbidden',
          `The hub may not act for people on ${lower(instance)}: ${words} An administrator of the hub can apply deploy/kubernetes/instance-rbac-impersonate there; its ClusterRole and ClusterRoleBinding "kubeairunway-hub-impersonator" are what is missing.`,
        ]
      }
      if (ownToken) {
        const bind = ownToken.bind === null ? '.' : `, such as: ${ownToken.bind}`
        return [
          'instance-forbidden',
          `Kubernetes on "${id}" does not let you do this: ${words} An administrator of that cluster can bind your user there${bind}`,
        ]
      }
      if (isImpersonated) {
        return [
          'instance-forbidden',
          `Kubernetes on "${id}" does not let you do this: ${words} Ask an administrator of that cluster to bind your user or group there.`,
        ]
      }
      return [
        'instance-forbidden',
        `${instance} does not let the hub's credential do this: ${words} An administrator of the hub can extend the credential's rights on the cluster.`,
      ]
    case 'admission':
      return ['deployment-refused', `${instance} refused this: ${words}`]
    case 'not-found':
      return [
        'not-found',
        `${instance} has nothing there: ${words} Check the namespace and the name.`,
      ]
    case 'conflict':
      return [
        'conflict',
        `${instance} found a conflict: ${words} Look at the current state and try again.`,
      ]
    case 'already-exists':
      return ['deployment-exists', `${instance} already has it: ${words} Choose another name.`]
    case 'invalid':
      return ['deployment-invalid', `${instance} found this invalid: ${words}`]
    case 'bad-request':
      return strictErrors(error).length > 0
        ? ['deployment-invalid', `${instance} found this invalid: ${words}`]
        : ['instance-error', `${instance} did not understand the request: ${words}`]
    case 'gone':
      return [
        'instance-error',
        `${instance} no longer has the state that was asked for. Try again.`,
      ]
    case 'throttled':
      return [
        'instance-throttled',
        `${instance} is busy and asked the hub to wait. Try again in a moment.`,
      ]
    case 'server':
      if (/failed calling webhook/.test(error.message)) {
        return [
          'instance-error',
          `${instance} could not check this, so nothing was done: ${words} The webhook that it names does not answer as it should, though the cluster does. Try again in a moment; if it keeps happening, an administrator of that cluster can look at it, such as at AI Runway's controller.`,
        ]
      }
      return ['instance-error', `${instance} failed: ${words} Try again later.`]
    case 'too-much':
      return [
        'instance-error',
        `${instance} ${words} That is more than the hub accepts from one cluster, so it stopped reading them. An administrator of the hub can remove some of them there, or correct the credential if it leads elsewhere; the hub tries again within half an hour.`,
      ]
    case 'starting':
      return [
        'instance-error',
        `${instance} answers again after a break, and ${words} The hub tries again every few seconds; until then you see the last known state.`,
      ]
    case 'no-descriptor':
      return [
        'instance-unreachable',
        `The hub cannot open another connection to ${lower(instance)}: it has reached its limit on open files and sockets. An administrator of the hub can raise the hub's limit on open files (ulimit -n, LimitNOFILE of its service, or nofile of its container) and restart it.`,
      ]
    case 'silent':
      return [
        'instance-error',
        `${instance} responds, but no longer reports changes, so what you see may be up to three minutes old. An administrator of the hub can look for a proxy or load balancer before its API server that holds back watches.`,
      ]
    case 'protocol':
      return [
        'instance-error',
        `${instance} ${words} An administrator of the hub can check that its credential names a Kubernetes API server.`,
      ]
  }
}

/** Kubernetes refuses to take the request for anybody but the credential itself, so that it says nothing of the person. */
export function isImpersonationRefused(error: unknown): boolean {
  return (
    error instanceof ClusterError &&
    error.kind === 'forbidden' &&
    / cannot impersonate(-on)?(:[a-z:-]+)? resource /.test(error.message)
  )
}

/** Of a webhook's denial its words come first: they may name more than its causes. */
function listErrors(code: ProblemCode, error: ClusterError): FieldError[] {
  const denied = deniedFields(error)
  const hasCauses = code === 'deployment-invalid' || error.kind === 'admission'
  return denied.length === 0 && hasCauses ? fieldErrors(error) : denied
}

function fieldErrors(error: ClusterError): FieldError[] {
  const causes = error.causes
    .filter((cause) => cause.field !== '' && cause.field !== '<nil>')
    .map((cause) => ({ pointer: fieldToPointer(cause.field), detail: cause.message }))
  // Of a patch the cause names the patch alone, and the words say which field of it.
  const strict = strictErrors(error)
  return strict.length > 0 ? strict : causes
}

/** `strict decoding error: unknown field "spec.foo", duplicate field "spec.bar"`. */
function strictErrors(error: ClusterError): FieldError[] {
  const [, list] = error.message.split('strict decoding error: ', 2)
  if (list === undefined) return []
  return [...list.matchAll(/(unknown|duplicate) field "([^"]+)"/g)].map(([, problem, field]) => ({
    pointer: fieldToPointer(field!),
    detail:
      problem === 'unknown'
        ? 'unknown field; remove it or check its spelling'
        : 'given twice; keep one',
  }))
}

function sentence(words: string): string {
  return /[.!?…]$/.test(words) ? words : `${words}.`
}

function lower(words: string): string {
  return words.charAt(0).toLowerCase() + words.slice(1)
}
