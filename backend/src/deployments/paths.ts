import { apiVersion, kubePath, type ApiGroup, type KubePath } from '#kube'

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

/** A field selector for one value, which may hold what would end it. */
export function selectField(field: string, value: string): string {
  return `${field}=${value.replaceAll(/[\\,=]/g, String.raw`\$&`)}`
}
