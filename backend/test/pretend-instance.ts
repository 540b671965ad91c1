import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AccessMode } from '@hub/shared'
import type { ClusterInstance, Instances } from '#clusters'
import { createTransport, type ClusterCredential } from '#kube'
import { startTestServer } from './https-server.ts'

/** An instance `prod` behind a credential, and no other. */
export function reachInstance(
  credential: ClusterCredential,
  accessMode: AccessMode = 'service',
): Instances {
  const transport = createTransport(credential, {
    version: 'test',
    addresses: { allowLoopback: true },
  })
  const prod: Partial<ClusterInstance> = {
    id: 'prod',
    accessMode,
    apiGroup: 'airunway.ai',
    status: { state: 'ready', reason: null, since: '', lastSeenAt: null },
    transport,
  }
  return { find: (id: string) => (id === 'prod' ? prod : null) } as unknown as Instances
}

/** An instance `prod` whose API server answers as `handle` does; `seen` is what it was asked. */
export async function pretendInstance(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  accessMode?: AccessMode,
) {
  const seen: IncomingMessage[] = []
  const server = await startTestServer((request, response) => {
    seen.push(request)
    handle(request, response)
  })
  return { instances: reachInstance(server.credential, accessMode), seen, stop: server.stop }
}
