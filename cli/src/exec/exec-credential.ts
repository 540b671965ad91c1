import { Failure } from '../failure.ts'
import type { Environment } from '../flags/options.ts'

const versions = [
  'client.authentication.k8s.io/v1',
  'client.authentication.k8s.io/v1beta1',
] as const
export type ExecVersion = (typeof versions)[number]
export type ExecRequest = {
  apiVersion: ExecVersion
  /** Whether a kubectl asks that says so. */
  isByKubectl: boolean
}

/** What kubectl says of itself; without a word of it, an old kubectl asks, or a person. Throws `usage`. */
export function readExecRequest(env: Environment): ExecRequest {
  const text = env['KUBERNETES_EXEC_INFO']
  if (!text) return { apiVersion: 'client.authentication.k8s.io/v1beta1', isByKubectl: false }
  const info = parse(text)
  const apiVersion = versions.find((version) => version === info.apiVersion)
  if (!apiVersion || info.kind !== 'ExecCredential') {
    throw new Failure(
      'usage',
      `kubectl asks for ${String(info.kind)} of ${String(info.apiVersion)}; this program answers ExecCredential of ${versions.join(' or ')}: write one of these as apiVersion of exec in the kubeconfig.`,
    )
  }
  return { apiVersion, isByKubectl: true }
}

type Info = { apiVersion?: unknown; kind?: unknown }

function parse(text: string): Info {
  try {
    const info: unknown = JSON.parse(text)
    if (typeof info === 'object' && info !== null) return info
  } catch {
    // Said below.
  }
  throw new Failure(
    'usage',
    'KUBERNETES_EXEC_INFO is not what kubectl sets: do not set it yourself.',
  )
}

/** Kubectl asks again a little before the token ends, so that none ends on its way. */
const earlierMs = 30_000

export function renderExecCredential(
  apiVersion: ExecVersion,
  credential: { token: string; expiresAt: number },
): string {
  // Kubernetes reads RFC 3339 without fractions.
  const expires = new Date(credential.expiresAt - earlierMs).toISOString().replace(/\.\d+Z$/, 'Z')
  return JSON.stringify({
    apiVersion,
    kind: 'ExecCredential',
    status: { token: credential.token, expirationTimestamp: expires },
  })
}
