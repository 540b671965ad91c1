import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { TestHub } from './hub.ts'

const ownHost = 'localhost:3001'

/**
 * A hub of a suite behind a real socket, for clients that need one. Its own address there stands for the hub's, every other
 * Host and Origin stays what it is. `bearer` is what requests without an Authorization get, for clients that send none.
 */
export async function serveApp({ app }: Pick<TestHub, 'app'>, bearer?: string) {
  const listener = getRequestListener(app.fetch)
  const server = createServer((request, response) => {
    const { host, origin, authorization } = request.headers
    if (host === new URL(url).host) setHeader(request, 'host', ownHost)
    if (origin === url) setHeader(request, 'origin', `http://${ownHost}`)
    if (bearer !== undefined && authorization === undefined) {
      setHeader(request, 'authorization', `Bearer ${bearer}`)
    }
    return listener(request, response)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** In both forms that Node has of them. */
function setHeader({ headers, rawHeaders }: IncomingMessage, name: string, value: string) {
  headers[name] = value
  const at = rawHeaders.findIndex((each, index) => index % 2 === 0 && each.toLowerCase() === name)
  if (at === -1) rawHeaders.push(name, value)
  else rawHeaders[at + 1] = value
}
