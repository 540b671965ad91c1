import { readFileSync } from 'node:fs'

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

/** The JSON body that docs/access.md shows for a path. */
export function readDocumentedBody(path: string): Record<string, unknown> {
  const page = readFileSync(new URL('../../../docs/access.md', import.meta.url), 'utf8')
  const [, body] = page.slice(page.indexOf(`curl -X POST $HUB${path}`)).split("-d '")
  return JSON.parse(body!.split("'")[0]!) as Record<string, unknown>
}
