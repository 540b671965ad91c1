import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { prepareStop, type KeyPair } from '@hub/demo'

export type JsonRequest = {
  method: string
  url: URL
  headers: IncomingMessage['headers']
  form: URLSearchParams
}

export type JsonAnswer = { status?: number; headers?: Record<string, string>; body: unknown }

/** A server on a port of this machine that answers JSON; `take` may answer otherwise first. */
export async function startJsonServer(
  answer: (request: JsonRequest) => JsonAnswer | Promise<JsonAnswer>,
  options: { tls?: KeyPair; take?: (res: ServerResponse, path: string) => boolean } = {},
) {
  const { take, tls } = options
  const requests: JsonRequest[] = []
  const listener = (req: IncomingMessage, res: ServerResponse) => {
    void serve(req, res).catch((error: unknown) => res.destroy(error as Error))
  }
  const server = tls
    ? createTlsServer({ cert: tls.certificate, key: tls.privateKey }, listener)
    : createServer(listener)
  const stop = prepareStop(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const origin = tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const request = {
      method: req.method!,
      url: new URL(req.url!, origin),
      headers: req.headers,
      form: new URLSearchParams(await readAll(req)),
    }
    requests.push(request)
    if (take?.(res, request.url.pathname)) return
    const { body, headers = {}, status = 200 } = await answer(request)
    res
      .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
      .end(JSON.stringify(body))
  }

  return {
    origin,
    /** All so far. */
    requests,
    stop,
  }
}

async function readAll(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** RFC 7636 §4.6, S256. */
export function isVerifierOf(challenge: string, verifier: string | null): boolean {
  const digest = createHash('sha256')
    .update(verifier ?? '')
    .digest('base64url')
  return (
    digest.length === challenge.length &&
    timingSafeEqual(Buffer.from(digest), Buffer.from(challenge))
  )
}

/** The client's credentials, in the header (form-urlencoded, RFC 6749 §2.3.1) or in the body. */
export function readClient({ form, headers }: JsonRequest): { id: string; secret: string } {
  const encoded = /^Basic (.+)$/.exec(headers.authorization ?? '')?.[1]
  if (encoded === undefined) {
    return { id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? '' }
  }
  const [id = '', secret = ''] = Buffer.from(encoded, 'base64').toString().split(':')
  const decode = (text: string) => new URLSearchParams(`v=${text}`).get('v')!
  return { id: decode(id), secret: decode(secret) }
}
