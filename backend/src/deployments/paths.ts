import { apiVersion, kubePath, type ApiGroup, type KubePath } from '#kube'

/** A port of a Service, by number or name; `https` where what listens there speaks it. */
export type ServicePort = { service: string; port: number | string; scheme?: 'http' | 'https' }

export function collectionPath(group: ApiGroup, namespace: string): KubePath {
  return kubePath('apis', group, apiVersion, 'namespaces', namespace, 'modeldeployments')
}

export function objectPath(group: ApiGroup, namespace: string, name: string): KubePath {
  return kubePath('apis', group, apiVersion, 'namespaces', namespace, 'modeldeployments', name)
}

export function eventsPath(namespace: string): KubePath {
  return kubePath('api', 'v1', 'namespaces', namespace, 'events')
}

export function podsPath(namespace: string): KubePath {
  return kubePath('api', 'v1', 'namespaces', namespace, 'pods')
}

export function namedPath(
  namespace: string,
  resource: 'secrets' | 'persistentvolumeclaims',
  name: string,
): KubePath {
  return kubePath('api', 'v1', 'namespaces', namespace, resource, name)
}

export function logPath(namespace: string, pod: string): KubePath {
  return kubePath('api', 'v1', 'namespaces', namespace, 'pods', pod, 'log')
}

/**
 * Where the API server forwards to a Service. Throws a TypeError where its name or port is none: a colon would make
 * another one of them.
 */
export function servicePath(
  namespace: string,
  { port, scheme = 'http', service }: ServicePort,
  segments: readonly [string, ...string[]],
): KubePath {
  for (const part of [service, String(port)]) {
    if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(part)) {
      throw new TypeError(`${JSON.stringify(part)} names no Service or port`)
    }
  }
  const target = `${scheme}:${service}:${port}`
  return kubePath('api', 'v1', 'namespaces', namespace, 'services', target, 'proxy', ...segments)
}

/** A field selector for one value, which may hold what would end it. */
export function selectField(field: string, value: string): string {
  return `${field}=${value.replaceAll(/[\\,=]/g, String.raw`\$&`)}`
}
