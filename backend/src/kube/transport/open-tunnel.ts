import { request as httpRequest, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction, type Socket } from 'node:net'
import { ClusterError, networkError } from '../cluster-error.ts'

/**
 * A connection to a server through an HTTP proxy (CONNECT, RFC 9110 §9.3.6), on which TLS to the server starts then.
 * Rejects with ClusterError, which holds nothing of what the proxy said but its status.
 */
export function openTunnel(
  target: { hostname: string; port?: string | number },
  { lookup, proxyUrl, timeoutMs }: { proxyUrl: string; lookup: LookupFunction; timeoutMs: number },
): Promise<Socket> {
  const proxy = new URL(proxyUrl)
  const host = isIP(target.hostname) === 6 ? `[${target.hostname}]` : target.hostname
  const authority = `${host}:${target.port || 443}`
  const options: RequestOptions = {
    method: 'CONNECT',
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
    path: authority,
    headers: { host: authority, ...authorize(proxy) },
    agent: false,
    lookup,
  }
  return new Promise((resolve, reject) => {
    const request = proxy.protocol === 'https:' ? httpsRequest(options) : httpRequest(options)
    const fail = (error: ClusterError) => {
      clearTimeout(timer)
      reject(error)
      request.destroy()
    }
    const timer = setTimeout(() => fail(proxyError('did not answer in time')), timeoutMs).unref()
    // It stays: an error after the tunnel is there must not become an uncaught one.
    request.on('error', (error) => fail(explain(error)))
    request.once('connect', ({ statusCode = 0 }, socket, head) => {
      clearTimeout(timer)
      socket.on('error', () => {})
      if (statusCode >= 200 && statusCode < 300 && head.byteLength === 0) return resolve(socket)
      socket.destroy()
      // TLS begins with the client: whoever speaks first is no API server.
      fail(proxyError(statusCode < 300 ? 'sent more than its answer' : describe(statusCode)))
    })
    request.end()
  })
}

function authorize({ password, username }: URL): { 'proxy-authorization'?: string } {
  if (username === '' && password === '') return {}
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}

function describe(status: number): string {
  switch (status) {
    case 407:
      return 'refused its user name and password, or asks for one'
    case 403:
      return 'does not let the hub connect to it'
    case 502:
    case 503:
    case 504:
      return `cannot reach it (HTTP status ${status})`
    default:
      return `refused to connect to it (HTTP status ${status})`
  }
}

/** Without the cause: a parser's error carries the bytes that it could not read. */
function explain(error: Error): ClusterError {
  const { kind, message } = networkError(error)
  return kind === 'blocked-address'
    ? new ClusterError(kind, { message: `is behind a proxy that ${message}` })
    : proxyError(message)
}

function proxyError(what: string): ClusterError {
  return new ClusterError('proxy', { message: `is behind a proxy that ${what}` })
}
