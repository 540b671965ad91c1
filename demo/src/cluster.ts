import { stringify } from 'yaml'
import type { KeyPair } from './certificates.ts'
import type { CrdGroup } from './crd-group.ts'

/** Who a kubeconfig signs in as. */
export type ClusterAuthentication =
  /** A cluster admin: group `system:masters`. */
  | 'client-certificate'
  /** The hub's own ServiceAccount with the rights of `manifests/hub-access.yaml`. */
  | 'service-account-token'
  /** A ServiceAccount that nothing is granted to. */
  | 'service-account-token-without-rights'

/** A Kubernetes API that runs on this machine, played or real. */
export type Cluster = {
  readonly kind: 'demo' | 'real'
  /** The group that AI Runway's CRDs are served in. */
  readonly crdGroup: CrdGroup
  /** `https://127.0.0.1:<port>` */
  readonly url: string
  /** PEM */
  readonly caCertificate: string
  /** A kubeconfig (YAML) with inline credentials. */
  kubeconfig(authentication: ClusterAuthentication): string
  /** A kubeconfig with a client certificate of any user, for tests of what that user may do. */
  kubeconfigFor(user: {
    user: string
    groups?: readonly string[]
    /** How many days from now the certificate ends; default: a year. */
    lifetimeDays?: number
  }): Promise<string>
  stop(): Promise<void>
}

export const hubNamespace = 'kubeairunway-hub'
export const hubServiceAccount = 'kubeairunway-hub'
export const powerlessServiceAccount = 'without-rights'

export type ClusterCredential = { readonly clientCertificate: KeyPair } | { readonly token: string }

export function renderKubeconfig(options: {
  name: string
  user: string
  url: string
  caCertificate: string
  credential: ClusterCredential
}): string {
  const { name, user, url, caCertificate, credential } = options
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name, cluster: { server: url, 'certificate-authority-data': encode(caCertificate) } },
    ],
    users: [
      {
        name: user,
        user:
          'token' in credential
            ? { token: credential.token }
            : {
                'client-certificate-data': encode(credential.clientCertificate.certificate),
                'client-key-data': encode(credential.clientCertificate.privateKey),
              },
      },
    ],
    contexts: [{ name, context: { cluster: name, user } }],
    'current-context': name,
  })
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64')
}
