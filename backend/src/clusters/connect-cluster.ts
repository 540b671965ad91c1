import { readFileSync } from 'node:fs'
import {
  createTransport,
  type ClusterCredential,
  type KubeconfigPolicy,
  type Resolve,
  type Sockets,
  type Timing,
  type Transport,
} from '#kube'
import type { DescriptorPlan } from './descriptors.ts'
import { repeatRefused, type FindNewer } from './repeat-refused.ts'
import { tellFailures } from './tell-failures.ts'

/** The ways to a cluster: `once` asks but once, `asked` again with a newer credential; `transport` tells who is lost, too. */
export type Connection = { once: Transport; asked: Transport; transport: Transport }

export function createConnect(options: {
  plan: DescriptorPlan
  policy: KubeconfigPolicy
  resolve: Resolve
  timing: Timing
}): (
  credential: ClusterCredential,
  of: { sockets: Sockets; findNewer: FindNewer; onLost: (transport: Transport) => void },
) => Connection {
  const { plan, policy, resolve, timing } = options
  const version = readVersion()
  return (credential, { findNewer, onLost, sockets }) => {
    const once = createTransport(credential, {
      version,
      addresses: policy,
      resolve,
      timing,
      sockets,
      ...(plan.requestsMax !== null && {
        // What passes through takes the one connection that watches and requests leave.
        limits: { connections: plan.requestsMax, passages: 1 },
      }),
    })
    const asked = repeatRefused(once, credential, findNewer)
    const transport = tellFailures(asked, () => onLost(transport))
    return { once, asked, transport }
  }
}

function readVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
