import type { Registry } from './registry.ts'
import { apiVersionOf } from './resource.ts'
import type { Resource } from './resource.ts'

/**
 * As much of OpenAPI v3 as kubectl needs before it writes: that the server validates fields itself.
 */
export function describeOpenApi(registry: Registry, path: string): object | undefined {
  const documents = new Map<string, Resource[]>()
  for (const resource of registry.all()) {
    const version = apiVersionOf(resource)
    const name = resource.group === '' ? `api/${version}` : `apis/${version}`
    documents.set(name, [...(documents.get(name) ?? []), resource])
  }
  if (path === '/openapi/v3') {
    const entries = [...documents.keys()].map((name) => [
      name,
      { serverRelativeURL: `/openapi/v3/${name}` },
    ])
    return { paths: Object.fromEntries(entries) }
  }
  const name = path.replace(/^\/openapi\/v3\//, '')
  const resources = documents.get(name)
  if (!resources) return undefined
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.36.3' },
    paths: Object.fromEntries(
      resources.map((resource) => [toPath(name, resource), toItem(resource)]),
    ),
  }
}

function toPath(name: string, { plural, namespaced }: Resource): string {
  return `/${name}${namespaced ? '/namespaces/{namespace}' : ''}/${plural}/{name}`
}

function toItem({ group, version, kind }: Resource): object {
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => ({
    name,
    in: 'query',
    schema: { type: 'string' },
  }))
  return {
    patch: {
      parameters,
      responses: { 200: { description: 'OK' } },
      'x-kubernetes-action': 'patch',
      'x-kubernetes-group-version-kind': { group, version, kind },
    },
  }
}
