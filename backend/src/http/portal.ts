import { hash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import { compress } from 'hono/compress'
import { AppError } from '#errors'
import { assetPolicy, contentSecurityPolicy } from './content-policies.ts'
import { asPortal } from './standard-headers.ts'

/** No path of its own: hono's quicker router could not read it, and then reads no other path either. */
const topLevelFile = /^\/[a-z0-9-]+\.(?:svg|js|png|ico|txt|webmanifest)$/

/** The built portal: hashed assets for ever, every other path its page, with a fresh nonce in each answer. */
export function portal(directory: string) {
  const files = serveStatic({ root: directory })
  return new Hono()
    .use(asPortal(), compress())
    .use('/assets/*', async (c, next) => {
      await next()
      if (!c.res.ok) return
      c.res.headers.set('cache-control', 'public, max-age=31536000, immutable')
      c.res.headers.set('content-security-policy', assetPolicy)
    })
    .get('/assets/*', files)
    .use('/assets/*', () => {
      throw new AppError('not-found', { detail: 'There is no such file. Reload the page.' })
    })
    .get('*', (c, next) => (topLevelFile.test(c.req.path) ? files(c, next) : next()))
    .get('*', async (c) => {
      const nonce = randomBytes(16).toString('base64')
      const page = await readPage(directory)
      c.header('content-security-policy', contentSecurityPolicy(nonce, hashScripts(page)))
      c.header('cache-control', 'no-store')
      return c.html(page.replaceAll('__CSP_NONCE__', nonce))
    })
}

/** Of the scripts within the page as it was built (CSP 3 §2.3.1). */
function hashScripts(page: string): string[] {
  return [...page.matchAll(/<script(?![^>]* src=)[^>]*>(.*?)<\/script>/gs)].map(
    ([, script]) => `sha256-${hash('sha256', script!, 'base64')}`,
  )
}

async function readPage(directory: string): Promise<string> {
  try {
    return await readFile(join(directory, 'index.html'), 'utf8')
  } catch (cause) {
    throw new AppError('unavailable', {
      detail:
        'The portal is not built. Run "bun run build" where the hub is installed; its API works meanwhile.',
      cause,
    })
  }
}
