import type { Readable } from 'node:stream'
import { Pool } from 'undici'
import { parse } from 'yaml'
import type { KubeStatus, WatchEvent, Untyped } from './objects.ts'

export type KubeResponse = {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Untyped
}
export type RequestOptions = {
  query?: Record<string, string | number | boolean | undefined>
  body?: unknown
  contentType?: string
  headers?: Record<string, string | string[]>
  signal?: AbortSignal
}

/** A refusal by the API server; `status` is its Status object. */
export class KubeError extends Error {
  readonly status: KubeStatus
  constructor(status: KubeStatus) {
    super(status.message ?? status.reason ?? `HTTP ${status.code}`)
    this.status = status
  }
}

export type KubeClient = {
  /** Any answer, refusals included. */
  raw(method: string, path: string, options?: RequestOptions): Promise<KubeResponse>
  /** The parsed body, or a KubeError. */
  request(method: string, path: string, options?: RequestOptions): Promise<Untyped>
  /** The events of one watch, until the server closes it. */
  watch(path: string, options?: RequestOptions): AsyncGenerator<WatchEvent>
  close(): Promise<void>
}

/** A client for a kubeconfig with inline credentials, such as `Cluster.kubeconfig()` gives. */
export function createKubeClient(kubeconfig: string): KubeClient {
  const { server, ca, cert, key, token } = readKubeconfig(kubeconfig)
  const pool = new Pool(server, {
    allowH2: false, // HTTP/2 would join repeated Impersonate-Group headers into one
    connections: 16,
    connect: { ca, ...(cert && { cert }), ...(key && { key }) },
    bodyTimeout: 0,
  })

  const send = (method: string, path: string, options: RequestOptions = {}) => {
    const query = new URLSearchParams()
    for (const [name, value] of Object.entries(options.query ?? {})) {
      if (value !== undefined) query.set(name, String(value))
    }
    return pool.request({
      method,
      path: query.size > 0 ? `${path}?${query.toString()}` : path,
      headers: {
        accept: 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(options.body !== undefined && {
          'content-type': options.contentType ?? 'application/json',
        }),
        ...options.headers,
      },
      body:
        options.body === undefined
          ? null
          : typeof options.body === 'string'
            ? options.body
            : JSON.stringify(options.body),
      ...(options.signal && { signal: options.signal }),
    })
  }

  const raw: KubeClient['raw'] = async (method, path, options) => {
    const response = await send(method, path, options)
    const text = await response.body.text()
    const isJson = String(response.headers['content-type']).startsWith('application/json')
    return {
      status: response.statusCode,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : text,
    }
  }

  return {
    raw,
    request: async (method, path, options) => {
      const response = await raw(method, path, options)
      if (response.status < 400) return response.body
      throw new KubeError(toStatus(response))
    },
    watch: async function* (path, options = {}) {
      const response = await send('GET', path, {
        ...options,
        query: { ...options.query, watch: true },
      })
      if (response.statusCode !== 200) {
        const text = await response.body.text()
        throw new KubeError(
          toStatus({ status: response.statusCode, body: parseJson(text) ?? text }),
        )
      }
      yield* readJsonLines(response.body)
    },
    close: () => pool.destroy(),
  }
}

async function* readJsonLines(body: Readable): AsyncGenerator<WatchEvent> {
  let rest = ''
  for await (const chunk of body.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    for (const line of lines) if (line !== '') yield JSON.parse(line)
  }
}

function toStatus(response: { status: number; body: Untyped }): KubeStatus {
  if (response.body?.kind === 'Status') return response.body
  return { kind: 'Status', code: response.status, message: String(response.body).slice(0, 500) }
}

function parseJson(text: string): Untyped {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readKubeconfig(kubeconfig: string) {
  const config = parse(kubeconfig)
  const context = config.contexts.find((each: Untyped) => each.name === config['current-context'])
  const { cluster } = config.clusters.find((each: Untyped) => each.name === context.context.cluster)
  const { user } = config.users.find((each: Untyped) => each.name === context.context.user)
  return {
    server: cluster.server as string,
    ca: decode(cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
    token: user.token as string | undefined,
  }
}

function decode(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString()
}
