import { randomUUID } from 'node:crypto'
import { Pool } from 'undici'
import type { Untyped } from '../objects.ts'
import type { AdmissionRequest } from './admission-request.ts'
import { ApiError } from './status.ts'

/** One entry of a webhook configuration. */
export type Webhook = {
  name: string
  clientConfig: { url: string; caBundle?: string }
  failurePolicy: 'Fail' | 'Ignore'
  timeoutSeconds: number
  rules?: Untyped[]
}

/** The `response` of the AdmissionReview; undefined when the webhook failed and may be ignored. */
export type CallWebhook = (webhook: Webhook, request: AdmissionRequest) => Promise<Untyped>

export type WebhookClient = { call: CallWebhook; close(): Promise<void> }

/** Calls admission webhooks over TLS, by the CA bundle of their configuration. */
export function createWebhookClient(): WebhookClient {
  const pools = new Map<string, Pool>()
  const poolOf = ({ clientConfig, timeoutSeconds }: Webhook, origin: string): Pool => {
    const { caBundle = '' } = clientConfig
    const key = `${timeoutSeconds} ${origin} ${caBundle}`
    const existing = pools.get(key)
    if (existing) return existing
    const ca = Buffer.from(caBundle, 'base64').toString()
    // A request that has no connection yet does not hear of its signal.
    const connect = { ca, timeout: timeoutSeconds * 1000 }
    const pool = new Pool(origin, { allowH2: false, connections: 16, connect })
    pools.set(key, pool)
    return pool
  }
  return {
    call: async (webhook, request) => {
      const uid = randomUUID()
      const { clientConfig, failurePolicy, name, timeoutSeconds } = webhook
      const url = new URL(clientConfig.url)
      url.searchParams.set('timeout', `${timeoutSeconds}s`)
      try {
        const { body, statusCode } = await poolOf(webhook, url.origin).request({
          method: 'POST',
          path: `${url.pathname}${url.search}`,
          headers: { 'content-type': 'application/json', accept: 'application/json' },
          body: JSON.stringify(toReview(uid, request)),
          signal: AbortSignal.timeout(timeoutSeconds * 1000),
        })
        const text = await body.text()
        if (statusCode !== 200) throw new Error(`the server answered ${statusCode}`)
        const { response } = JSON.parse(text)
        if (response?.uid !== uid)
          throw new Error('expected response.uid to be that of the request')
        return response
      } catch (error) {
        if (failurePolicy === 'Ignore') return undefined
        const why = error instanceof Error ? error.message : String(error)
        throw new ApiError(
          500,
          'InternalError',
          `Internal error occurred: failed calling webhook "${name}": failed to call webhook: Post "${url.href}": ${why}`,
        )
      }
    },
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
    },
  }
}

function toReview(uid: string, request: AdmissionRequest): object {
  const { dryRun, object, oldObject, operation, resource, user } = request
  const { group, version } = resource
  const kind = { group, version, kind: resource.kind }
  const target = { group, version, resource: resource.plural }
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid,
      kind,
      resource: target,
      requestKind: kind,
      requestResource: target,
      name: object.metadata.name,
      namespace: object.metadata.namespace,
      operation,
      userInfo: user,
      object,
      oldObject: oldObject ?? null,
      dryRun,
      options: {
        kind: operation === 'CREATE' ? 'CreateOptions' : 'UpdateOptions',
        apiVersion: 'meta.k8s.io/v1',
      },
    },
  }
}
