import { createAnonymousCredential, type ClusterCredential } from '#kube'
import { stringify } from 'yaml'

/** A kubeconfig for a credential. */
export function renderKubeconfig(credential: ClusterCredential): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'x',
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    clusters: [
      {
        name: 'c',
        cluster: {
          server: credential.server,
          ...(credential.ca !== null && {
            'certificate-authority-data': Buffer.from(credential.ca).toString('base64'),
          }),
        },
      },
    ],
    users: [{ name: 'u', user: { token: credential.token } }],
  })
}

/** A credential of a cluster that is not there. */
export function nowhere(token = 'token'): ClusterCredential {
  return { ...createAnonymousCredential('https://127.0.0.1:1'), token }
}

/** Of a cluster that never answers, which is enough for an instance to exist. */
export const deadKubeconfig = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'c',
  contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  clusters: [
    { name: 'c', cluster: { server: 'https://127.0.0.1:9', 'insecure-skip-tls-verify': true } },
  ],
  users: [{ name: 'u', user: { token: 'none' } }],
})
