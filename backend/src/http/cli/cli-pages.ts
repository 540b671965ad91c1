import type { Context } from 'hono'
import type { Config } from '#config'
import { resolvePublicOrigin } from '#sign-in'
import { readClient } from '../client.ts'
import type { HubEnv } from '../hub-env.ts'
import { definePage } from '../define-page.ts'
import type { CliFiles } from './cli-files.ts'
import { cliPagePolicy, renderCliPage } from './cli-page.ts'

export type CliDeps = {
  cli: CliFiles
  config: Pick<Config, 'production' | 'publicOrigin' | 'trustedProxies'>
}

const ofHub = { tag: 'Hub', policy: 'public', effect: 'read', isForAnyone: true } as const

/** kubectl's sign-in plugin, for whoever is to use it. */
export const cliPages = [
  definePage({
    ...ofHub,
    id: 'getCliPage',
    summary: "How to install kubectl's sign-in plugin",
    answers: { 200: { type: 'text/html', description: 'A page for people.' } },
    problems: ['host-not-allowed'],
    http: { method: 'get', path: '/cli/' },
    handle: (c, deps: CliDeps) =>
      c.html(renderCliPage(originOf(c, deps)), 200, {
        'content-security-policy': cliPagePolicy,
        'cache-control': 'no-cache',
      }),
  }),
  definePage({
    ...ofHub,
    id: 'leadToCliPage',
    summary: 'The same, without the trailing slash',
    answers: { 308: null },
    http: { method: 'get', path: '/cli' },
    handle: (c) => c.redirect('/cli/', 308),
  }),
  definePage({
    ...ofHub,
    id: 'getCliFile',
    summary: "A build of kubectl's sign-in plugin, its checksum, or a package manager's manifest",
    answers: {
      200: { type: 'application/octet-stream', description: 'The file.' },
      304: null,
    },
    problems: ['not-found', 'unavailable', 'host-not-allowed'],
    reads: { path: { file: 'Its name, as `kubectl-together_login_linux_amd64.zip`.' } },
    http: { method: 'get', path: '/cli/:file' },
    async handle(c, deps: CliDeps) {
      const name = c.req.param('file') ?? ''
      const file = await deps.cli.find(name)
      if (!name.endsWith('.zip')) {
        const text = pointHere(await deps.cli.read(name), originOf(c, deps))
        return c.body(text, 200, { ...plain, 'cache-control': 'no-cache' })
      }
      const etag = file.digest === null ? null : `"${file.digest}"`
      const headers = {
        ...(etag !== null && { etag }),
        'cache-control': 'no-cache, no-transform',
        'content-disposition': `attachment; filename="${name}"`,
      }
      if (etag !== null && c.req.header('if-none-match') === etag) {
        return c.body(null, 304, headers)
      }
      // Nobody would read it to its end.
      const body = c.req.method === 'HEAD' ? null : file.open()
      return new Response(body, {
        headers: {
          ...headers,
          'content-type': 'application/octet-stream',
          'content-length': String(file.bytes),
        },
      })
    },
  }),
] as const

const plain = { 'content-type': 'application/octet-stream' }

function originOf(c: Context<HubEnv>, { config }: CliDeps): string {
  return resolvePublicOrigin(config, readClient(c, config.trustedProxies))
}

/** A manifest names where the zips are: of this hub's, that is here. */
function pointHere(text: string, origin: string): string {
  return text.replaceAll(/https:\/\/[^"\s]+(?=\/kubectl-together_login_)/g, `${origin}/cli`)
}
