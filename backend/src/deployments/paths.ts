import { apiVersion, kubePath, type ApiGroup, type KubePath } from '#kube'

export function collectionPath(group: ApiGroup, namespace: string): KubePath {
  return kubePath('apis', group, apiVersion, 'namespaces', namespace, 'modeldeployments')
}

export function objectPath(group: ApiGroup, namespace: string, name: string): KubePath {
  return kubePath('apis', group, apiVersion, 'namespaces', namespace, 'modeldeployments', name)
}
