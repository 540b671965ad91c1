import type { IncomingMessage, ServerResponse } from 'node:http'

/** What the hub asks a cluster for first, answered as one does; `group` is that of its CRDs, if it has any. */
export function answerAsCluster(state: { group: string | null }) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    switch (request.url) {
      case '/version':
        return void answer(200, { gitVersion: 'v1.36.3' })
      case `/apis/${state.group}/v1alpha1`:
        return void answer(200, { resources: [{ name: 'modeldeployments' }] })
      case '/api/v1/namespaces/kube-system':
        return void answer(200, { metadata: { uid: 'uid-1' } })
      default:
        return void answer(404, { kind: 'Status', reason: 'NotFound', message: 'not found' })
    }
  }
}
