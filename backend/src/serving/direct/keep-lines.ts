import type { DirectModels } from '@hub/shared'
import { readVersion } from '#config'
import {
  createAnonymousCredential,
  createHostRules,
  createResolve,
  createTransport,
  type AddressPolicy,
  type Timing,
  type Transport,
} from '#kube'

export type LineOptions = {
  addresses: AddressPolicy
  timing: Timing
  /** Calls that may be open to one address. */
  callsMax?: number | undefined
}

export type LinePolicy = Pick<DirectModels, 'hosts' | 'certificateAuthority'>

/** Connections to addresses of models, for as long as they are used. */
export type Lines = {
  /** To one address, where it may lead to the policy's hosts and its certificate is from whom that says. */
  to(origin: string, policy: LinePolicy): Transport
  close(): Promise<void>
}

const connectMs = 3_000
const idleMs = 10 * 60_000
const linesMax = 1_000
/** An answer may stream for longer than nobody else asks. */
const graceMs = 60 * 60_000

export function createLines({ addresses, callsMax, timing }: LineOptions): Lines {
  const resolve = createResolve(timing)
  const version = readVersion()
  const lines = new Map<string, { transport: Transport; usedAt: number }>()
  const dial = (origin: string, { certificateAuthority: ca, hosts }: LinePolicy) =>
    createTransport(
      { ...createAnonymousCredential(origin), ca },
      {
        version,
        addresses: { ...addresses, only: createHostRules(hosts) },
        resolve,
        timing,
        isDirect: true,
        limits: {
          connectTimeoutMs: connectMs,
          ...(callsMax !== undefined && { forwarded: callsMax }),
        },
      },
    )
  return {
    to: (origin, policy) => {
      const key = JSON.stringify([origin, policy.hosts, policy.certificateAuthority])
      const transport = lines.get(key)?.transport ?? dial(origin, policy)
      lines.delete(key)
      lines.set(key, { transport, usedAt: timing.now() })
      for (const [oldest, line] of lines) {
        if (lines.size <= linesMax && timing.now() - line.usedAt < idleMs) break
        lines.delete(oldest)
        void line.transport.close({ graceMs })
      }
      return transport
    },
    close: async () => {
      const open = [...lines.values()]
      lines.clear()
      await Promise.all(open.map(({ transport }) => transport.close()))
    },
  }
}
