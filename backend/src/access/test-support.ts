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
