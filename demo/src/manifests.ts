import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'
import { KubeError } from './client.ts'
import type { KubeClient } from './client.ts'
import { hubNamespace, powerlessServiceAccount } from './cluster.ts'
import type { CrdGroup } from './crd-group.ts'
import type { KubeObject, Untyped } from './objects.ts'

/** The CustomResourceDefinitions of AI Runway. */
export const crdPaths: readonly string[] = [
  manifestPath('../crds/modeldeployments.yaml'),
  manifestPath('../crds/inferenceproviderconfigs.yaml'),
]
/** Namespace, ServiceAccount, ClusterRole and binding of the hub on a cluster. */
export const hubAccessPath: string = manifestPath('../manifests/hub-access.yaml')

/** CustomResourceDefinitions of what runtimes make, as loose as a demo needs them. */
export const runtimeCrdsPath: string = manifestPath('../crds/runtimes.yaml')

const flatProviderConfigPath = manifestPath('../crds/flat-inferenceproviderconfigs.yaml')

/** What every cluster has before anybody comes: AI Runway's CRDs, the hub's access, and an account without any. */
export async function readClusterManifests(group: CrdGroup): Promise<KubeObject[]> {
  const paths = group === 'airunway.ai' ? crdPaths : [crdPaths[0]!, flatProviderConfigPath]
  const files = await Promise.all([...paths, hubAccessPath].map(readManifests))
  return [
    ...files.flat().map((object) => withGroup(object, group)),
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: powerlessServiceAccount, namespace: hubNamespace },
    },
  ]
}

function withGroup(object: KubeObject, group: CrdGroup): KubeObject {
  if (object.kind !== 'CustomResourceDefinition') return object
  const name = `${object['spec'].names.plural}.${group}`
  return { ...object, metadata: { ...object.metadata, name }, spec: { ...object['spec'], group } }
}

/** Reads every document of a YAML file. */
export async function readManifests(path: string): Promise<KubeObject[]> {
  const documents = parseAllDocuments(await readFile(path, 'utf8'))
  return documents.map((document) => document.toJS()).filter((object) => object !== null)
}

/** Creates the objects, or patches those that exist, and waits for CRDs to be served. */
export async function applyManifests(client: KubeClient, objects: KubeObject[]): Promise<void> {
  for (const object of objects) {
    const path = await findCollectionPath(client, object)
    try {
      await client.request('POST', path, { body: object })
    } catch (error) {
      if (!(error instanceof KubeError && error.status.reason === 'AlreadyExists')) throw error
      await client.request('PATCH', `${path}/${object.metadata.name}`, {
        body: object,
        contentType: 'application/merge-patch+json',
      })
    }
    if (object.kind === 'CustomResourceDefinition') {
      await waitUntilServed(client, object)
    }
  }
}

async function findCollectionPath(client: KubeClient, object: KubeObject): Promise<string> {
  const base = object.apiVersion === 'v1' ? '/api/v1' : `/apis/${object.apiVersion}`
  const { resources } = await client.request('GET', base)
  const resource = resources.find(
    (each: Untyped) => each.kind === object.kind && !each.name.includes('/'),
  )
  if (!resource)
    throw new Error(`The cluster does not serve ${object.kind} in ${object.apiVersion}.`)
  if (!resource.namespaced) return `${base}/${resource.name}`
  return `${base}/namespaces/${object.metadata.namespace ?? 'default'}/${resource.name}`
}

/** A busy machine takes its time. */
const startMsMax = 60_000

async function waitUntilServed(client: KubeClient, definition: KubeObject): Promise<void> {
  const { group, names, versions } = definition.spec
  const deadline = Date.now() + startMsMax
  for (;;) {
    const response = await client.raw('GET', `/apis/${group}/${versions[0].name}/${names.plural}`, {
      query: { limit: 1 },
    })
    if (response.status === 200) return
    if (Date.now() > deadline) {
      throw new Error(
        `${definition.metadata.name} is not served ${startMsMax / 1000} s after it was created.`,
      )
    }
    await delay(25)
  }
}

function manifestPath(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url))
}
