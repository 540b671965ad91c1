import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { codeOf, Failure, messageOf } from '../failure.ts'
import type { Options } from '../flags/options.ts'
import type { Log } from '../log.ts'
import { renderPage } from './callback-page.ts'

export type CallbackServer = {
  redirectUri: string
  /** Resolves when the browser came back, by a request that knows the state. */
  callback: Promise<Callback>
  close(): void
}

export type Callback = {
  url: URL
  /** Shows the person how it went; resolves when that is sent. Null: it went well. */
  answer(failure: string | null): Promise<void>
}

const sentMsMax = 1_000

/** Listens where the browser is sent back to: on the first address that is free, for one answer. */
export async function startCallbackServer(
  { browser, provider }: Pick<Options, 'browser' | 'provider'>,
  state: string,
  log: Log,
): Promise<CallbackServer> {
  const isByName = new URL(provider.redirectUrl ?? 'http://localhost').hostname === 'localhost'
  const { port, servers } = await listen(browser, isByName, log)
  const scheme = browser.certificateFile === null ? 'http' : 'https'
  const redirectUri = provider.redirectUrl ?? `${scheme}://localhost:${port}`
  const { pathname } = new URL(redirectUri)
  let isTaken = false
  const callback = new Promise<Callback>((resolve) => {
    const handle = (request: IncomingMessage, response: ServerResponse) => {
      const url = readTarget(request, redirectUri)
      if (url === null) return answer(response, 400, 'This is not the address of the sign-in.')
      if (url.pathname !== pathname) return answer(response, 404, 'There is nothing here.')
      if (request.method !== 'GET') return answer(response, 405, 'A browser comes here by GET.')
      if (isTaken || url.searchParams.getAll('state').join() !== state) {
        log.debug('a request came back with another state; waiting on')
        return answer(response, 400, notThisOne)
      }
      isTaken = true
      resolve({ url, answer: (failure) => answerPerson(response, failure, browser.afterUrl) })
    }
    for (const server of servers) server.on('request', handle)
  })
  return {
    redirectUri,
    callback,
    close: () => {
      for (const server of servers) {
        server.close()
        server.closeIdleConnections()
        // Whatever a browser opened in advance and never used holds nothing up.
        setTimeout(() => server.closeAllConnections(), 500).unref()
      }
    },
  }
}

const notThisOne =
  'This sign-in is not the one that kubectl waits for. Close this tab, and go on in the newest one.'

async function answerPerson(
  response: ServerResponse,
  failure: string | null,
  afterUrl: string | null,
): Promise<void> {
  const sent = new Promise((resolve) => response.once('close', resolve))
  if (failure !== null) answer(response, 200, failure)
  else if (afterUrl !== null) response.writeHead(303, { ...headers, location: afterUrl }).end()
  else
    answer(response, 200, 'You are signed in. You can close this tab and go back to the terminal.')
  await Promise.race([sent, delay(sentMsMax)])
}

const headers = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  connection: 'close',
}

function answer(response: ServerResponse, status: number, sentence: string): void {
  response
    .writeHead(status, { ...headers, 'content-type': 'text/html; charset=utf-8' })
    .end(renderPage(sentence))
}

/** Null for another host than this machine: a page elsewhere may have made its name lead here. */
function readTarget(request: IncomingMessage, redirectUri: string): URL | null {
  const host = request.headers.host ?? ''
  const isOwn = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host)
  if (!isOwn && host !== new URL(redirectUri).host) return null
  const target = request.url ?? '/'
  const { origin } = new URL(redirectUri)
  return target.startsWith('/') && URL.canParse(origin + target) ? new URL(origin + target) : null
}

function createHttpServer({ certificateFile, keyFile }: Options['browser']): Server {
  if (certificateFile === null || keyFile === null) return createServer()
  try {
    return createTlsServer({ cert: readFileSync(certificateFile), key: readFileSync(keyFile) })
  } catch (cause) {
    throw new Failure(
      'usage',
      `--local-server-cert and --local-server-key cannot be used (${messageOf(cause)}).`,
      { cause },
    )
  }
}

/** On the first address that is free; browsers take `localhost` for [::1] first, where another program may be. */
async function listen(
  browser: Options['browser'],
  isByName: boolean,
  log: Log,
): Promise<{ port: number; servers: Server[] }> {
  const { listenAddresses } = browser
  for (const address of listenAddresses) {
    const at = address.lastIndexOf(':')
    const host = address
      .slice(0, at)
      .replace(/^\[|\]$/g, '')
      .replace('localhost', '127.0.0.1')
    const servers = [createHttpServer(browser)]
    try {
      const port = await listenOn(servers[0]!, host, Number(address.slice(at + 1)))
      if (isByName && host === '127.0.0.1') {
        const second = createHttpServer(browser)
        await listenOn(second, '::1', port).then(
          () => servers.push(second),
          (error: unknown) => {
            // Any other says that there is no IPv6.
            if (codeOf(error) === 'EADDRINUSE') throw error
          },
        )
      }
      log.debug(`listening on ${host}:${port}`)
      return { port, servers }
    } catch (error) {
      for (const server of servers) server.close()
      log.debug(`cannot listen on ${address}: ${codeOf(error) ?? messageOf(error)}`)
    }
  }
  throw new Failure(
    'ports-taken',
    `None of ${listenAddresses.join(', ')} is free: stop what listens there, or name another with --listen-address, whose http://localhost:PORT is registered as redirect URI at the provider.`,
  )
}

async function listenOn(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, exclusive: true }, () => {
      server.removeListener('error', reject)
      resolve()
    })
  })
  return (server.address() as AddressInfo).port
}
