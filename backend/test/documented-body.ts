import { readFileSync } from 'node:fs'

/** The JSON body that docs/access.md shows for a path. */
export function readDocumentedBody(path: string): Record<string, unknown> {
  const page = readFileSync(new URL('../../docs/access.md', import.meta.url), 'utf8')
  const [, body] = page.slice(page.indexOf(`curl -X POST $HUB${path}`)).split("-d '")
  return JSON.parse(body!.split("'")[0]!) as Record<string, unknown>
}
