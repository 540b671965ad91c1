import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Context } from 'hono'
import { AppError } from '#errors'
import { keepJson, type KeptJson } from '#operation'
import { answerKept, answerKeptAs } from './answer-kept.ts'
import { docsPolicy } from './content-policies.ts'
import type { ApiDocument } from './open-api.ts'
import { definePage } from './define-page.ts'

/** Read once, when they are first asked for. */
const files = {
  'swagger-ui.css': { type: 'text/css; charset=utf-8', module: 'swagger-ui-dist/swagger-ui.css' },
  'swagger-ui.js': {
    type: 'text/javascript; charset=utf-8',
    module: 'swagger-ui-dist/swagger-ui-bundle.js',
  },
  'api-docs.css': { type: 'text/css; charset=utf-8', module: './api-docs-page/api-docs.css' },
  'api-docs.js': { type: 'text/javascript; charset=utf-8', module: './api-docs-page/api-docs.js' },
} as const
type FileName = keyof typeof files

export type DocsDeps = { docs: ReturnType<typeof createApiDocs> }

/** The API's OpenAPI document, and a page to read it and try what it reads. */
export function createApiDocs(describe: () => Promise<ApiDocument>) {
  const document = once(async () => keepJson<ApiDocument>(JSON.stringify(await describe())))
  const bodies = Object.fromEntries(
    Object.entries(files).map(([name, { module }]) => [name, once(() => readModule(module))]),
  ) as Record<FileName, () => Promise<KeptJson<string>>>
  const page = once(async () => {
    const addresses = await Promise.all(
      Object.entries(bodies).map(async ([name, body]) => {
        // What is kept for ever has another address when it is another.
        return [name, `/api/docs/${name}?${encodeURIComponent((await body()).etag())}`] as const
      }),
    )
    return keepJson<string>(renderPage(Object.fromEntries(addresses)))
  })
  return { document, page, bodies }
}

const ofHub = { tag: 'Hub', policy: 'public', effect: 'read', isForAnyone: true } as const

export const docsPages = [
  definePage({
    ...ofHub,
    id: 'getApiDocument',
    summary: 'This document',
    description: 'OpenAPI 3.1, with an `ETag`.',
    answers: {
      200: { type: 'application/json', description: 'An OpenAPI 3.1 document.' },
      304: null,
    },
    http: { method: 'get', path: '/api/openapi.json' },
    handle: async (c, { docs }: DocsDeps) => answerKept(c, await docs.document()),
  }),
  definePage({
    ...ofHub,
    id: 'getApiDocs',
    summary: 'This document as a page',
    answers: { 200: { type: 'text/html', description: 'A page for people.' }, 304: null },
    http: { method: 'get', path: '/api/docs' },
    handle: async (c, { docs }: DocsDeps) =>
      answerKeptAs(c, await docs.page(), 'text/html; charset=utf-8', {
        'content-security-policy': docsPolicy,
        'cache-control': 'private, no-cache',
      }),
  }),
] as const

/** A file of the page: no place of its own in the document. */
export const docsFilePath = '/api/docs/:file'

export async function answerDocsFile(c: Context, { docs }: DocsDeps): Promise<Response> {
  const name = c.req.param('file') ?? ''
  if (!isFileName(name)) {
    throw new AppError('not-found', { detail: 'There is no such file. Reload the page.' })
  }
  return answerKeptAs(c, await docs.bodies[name](), files[name].type, {
    'cache-control': 'public, max-age=31536000, immutable',
  })
}

function isFileName(name: string): name is FileName {
  return Object.hasOwn(files, name)
}

async function readModule(module: string): Promise<KeptJson<string>> {
  const path = createRequire(import.meta.url).resolve(module)
  return keepJson(await readFile(path, 'utf8'))
}

/** What failed is tried again by the next. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null
  return () => {
    made ??= make().catch((error: unknown) => {
      made = null
      throw error
    })
    return made
  }
}

function renderPage(addresses: Record<string, string>): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>API · KubeAIRunway Hub</title>
<link rel="stylesheet" href="${addresses['swagger-ui.css']}">
<link rel="stylesheet" href="${addresses['api-docs.css']}">
<script src="${addresses['swagger-ui.js']}" defer></script>
<script src="${addresses['api-docs.js']}" defer></script>
<main id="docs"><p>Reading the document… Without JavaScript, read <a href="/api/openapi.json">openapi.json</a>.</p></main>
</html>
`
}
