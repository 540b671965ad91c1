import { readVersion } from '#config'
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
export type Connection = {
  once: Transport
  asked: Transport
  transport: Transport
  /** When anything but a probe or a watch last went there, in the time of `timing`. */
  usedAt: () => number
}

export function createConnect(options: {
  plan: DescriptorPlan
  policy: KubeconfigPolicy
  resolve: Resolve
  timing: Timing
  /** Calls of models that may be open to one cluster; as many as usual without. */
  modelCallsMax: number | undefined
}): (
  credential: ClusterCredential,
  of: { sockets: Sockets; findNewer: FindNewer; onLost: (transport: Transport) => void },
) => Connection {
  const { modelCallsMax, plan, policy, resolve, timing } = options
  const version = readVersion()
  return (credential, { findNewer, onLost, sockets }) => {
    const once = createTransport(credential, {
      version,
      addresses: policy,
      resolve,
      timing,
      sockets,
      limits: {
        ...(modelCallsMax !== undefined && { forwarded: modelCallsMax }),
        // What passes through takes the one connection that watches and requests leave.
        ...(plan.requestsMax !== null && { connections: plan.requestsMax, passages: 1 }),
      },
    })
    const asked = repeatRefused(once, credential, findNewer)
    const { transport, usedAt } = tellFailures(asked, {
      now: timing.now,
      onLost: () => onLost(transport),
    })
    return { once, asked, transport, usedAt }
  }
}
