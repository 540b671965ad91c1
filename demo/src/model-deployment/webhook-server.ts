import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createCertificateAuthority, issueServerCertificate } from '../certificates.ts'
import { createKubeClient } from '../client.ts'
import type { KubeClient } from '../client.ts'
import type { CrdGroup } from '../crd-group.ts'
import { applyManifests } from '../manifests.ts'
import type { KubeObject, Untyped } from '../objects.ts'
import { prepareStop } from '../stop-server.ts'
import { defaultModelDeployment } from './defaults.ts'
import { validateModelDeployment } from './validate.ts'

export type WebhookServer = {
  /** The configurations that make an API server ask here. */
  readonly configurations: readonly KubeObject[]
  stop(): Promise<void>
}

const bodyBytesMax = 8 * 1024 * 1024

/** AI Runway's admission webhooks for ModelDeployments, over TLS, reading the cluster that asks them. */
export async function startWebhookServer(options: {
  /** Of somebody who may read InferenceProviderConfigs. */
  kubeconfig: string
  crdGroup: CrdGroup
}): Promise<WebhookServer> {
  const { crdGroup } = options
  const authority = await createCertificateAuthority('airunway-webhook')
  const serving = await issueServerCertificate(authority)
  const client = createKubeClient(options.kubeconfig)
  const suffix = `${crdGroup.replaceAll('.', '-')}-v1alpha1-modeldeployment`
  const review = new Map([
    [`/mutate-${suffix}`, mutate],
    [`/validate-${suffix}`, (request: Untyped) => validate(client, crdGroup, request)],
  ])

  const server = createServer(
    { cert: serving.certificate, key: serving.privateKey },
    (req, res) => {
      const answer = async () => {
        const decide = review.get(req.url!.split('?')[0]!)
        if (!decide || req.method !== 'POST') return void res.writeHead(404).end()
        const { apiVersion, kind, request } = await readJson(req)
        const response = { uid: request.uid, ...(await decide(request)) }
        res.writeHead(200, { 'content-type': 'application/json' })
        res.end(JSON.stringify({ apiVersion, kind, response }))
      }
      // The API server takes a broken connection for a failed webhook, as it should.
      answer().catch(() => res.destroy())
    },
  )
  const stop = prepareStop(server)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const caBundle = Buffer.from(authority.certificate).toString('base64')
  return {
    configurations: [
      toConfiguration('Mutating', crdGroup, { url: `${url}/mutate-${suffix}`, caBundle }),
      toConfiguration('Validating', crdGroup, { url: `${url}/validate-${suffix}`, caBundle }),
    ],
    stop: async () => {
      await client.close()
      await stop()
    },
  }
}

/** A busy machine takes its time. */
const startMsMax = 60_000

/** Makes the API server ask the webhooks, and answers once it does. */
export async function registerWebhooks(
  client: KubeClient,
  crdGroup: CrdGroup,
  { configurations }: WebhookServer,
): Promise<void> {
  await applyManifests(client, [...configurations])
  const path = `/apis/${crdGroup}/v1alpha1/namespaces/default/modeldeployments`
  const probe = {
    apiVersion: `${crdGroup}/v1alpha1`,
    kind: 'ModelDeployment',
    metadata: { name: 'not.allowed' },
    spec: { model: { id: 'a/b' } },
  }
  const deadline = Date.now() + startMsMax
  for (;;) {
    const { status } = await client.raw('POST', path, { body: probe, query: { dryRun: 'All' } })
    if (status === 403) return
    if (Date.now() > deadline) throw new Error('The API server does not ask the webhooks.')
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

async function mutate({ object }: Untyped): Promise<object> {
  const { spec } = defaultModelDeployment(object)
  if (spec === undefined) return { allowed: true }
  const patch = [{ op: 'replace', path: '/spec', value: spec }]
  return {
    allowed: true,
    patchType: 'JSONPatch',
    patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
  }
}

async function validate(client: KubeClient, group: CrdGroup, request: Untyped): Promise<object> {
  const { object, oldObject } = request
  const name = object.spec?.provider?.name
  const provider = name ? await findProvider(client, group, name) : undefined
  const { denial, warnings } = validateModelDeployment(
    object,
    oldObject ?? undefined,
    () => provider,
  )
  return {
    allowed: denial === undefined,
    ...(denial !== undefined && {
      status: { code: 403, reason: 'Forbidden', message: denial, metadata: {} },
    }),
    ...(warnings.length > 0 && { warnings }),
  }
}

async function findProvider(
  client: KubeClient,
  group: CrdGroup,
  name: string,
): Promise<KubeObject | undefined> {
  const path = `/apis/${group}/v1alpha1/inferenceproviderconfigs/${encodeURIComponent(name)}`
  const { body, status } = await client.raw('GET', path)
  if (status === 200) return body
  if (status === 404) return undefined
  throw new Error(`The InferenceProviderConfig could not be read: HTTP ${status}.`)
}

function toConfiguration(
  kind: 'Mutating' | 'Validating',
  group: CrdGroup,
  clientConfig: { url: string; caBundle: string },
): KubeObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${kind}WebhookConfiguration`,
    metadata: { name: `airunway-${kind.toLowerCase()}-webhook-configuration` },
    webhooks: [
      {
        name: `${kind.charAt(0).toLowerCase()}modeldeployment-v1alpha1.kb.io`,
        admissionReviewVersions: ['v1'],
        clientConfig,
        failurePolicy: 'Fail',
        sideEffects: 'None',
        rules: [
          {
            apiGroups: [group],
            apiVersions: ['v1alpha1'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['modeldeployments'],
          },
        ],
      },
    ],
  }
}

async function readJson(request: IncomingMessage): Promise<Untyped> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bodyBytesMax) throw new Error('The review is too large.')
    chunks.push(chunk)
  }
  return JSON.parse(Buffer.concat(chunks).toString())
}
