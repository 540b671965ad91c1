import type { Runtime } from '@hub/shared'
import { apiGroups, isRecord, type KubeObject } from '#kube'
import { readRecord, readText } from './read-fields.ts'

/** An InferenceProviderConfig as the cluster has it; whether its heartbeat is stale depends on when one looks. */
export type RuntimeFacts = Omit<Runtime, 'isStale'>

/** Providers beat every minute. */
export const heartbeatMaxMs = 180_000

const enginesMax = 50

export function presentRuntime(runtime: RuntimeFacts, now: Date): Runtime {
  const { lastHeartbeatAt } = runtime
  const age = lastHeartbeatAt === null ? null : now.getTime() - Date.parse(lastHeartbeatAt)
  return { ...runtime, isStale: age === null || age > heartbeatMaxMs }
}

/** Reads both shapes: engines by name alone (until May 2026), and as a list of objects. Null without a name. */
export function readRuntime(object: KubeObject): RuntimeFacts | null {
  const metadata = readRecord(object.metadata)
  const name = readText(metadata.name)
  if (name === null) return null
  const annotations = readRecord(metadata.annotations)
  const displayName = apiGroups
    .map((group) => readText(annotations[`${group}/display-name`]))
    .find((each) => each !== null)
  const status = readRecord(object.status)
  const { engines } = readRecord(readRecord(object.spec).capabilities)
  const heartbeat = readText(status.lastHeartbeat)
  return {
    name,
    displayName: displayName ?? name,
    isReady: status.ready === true,
    version: readText(status.version),
    lastHeartbeatAt: heartbeat !== null && !Number.isNaN(Date.parse(heartbeat)) ? heartbeat : null,
    engines: (Array.isArray(engines) ? engines : [])
      .slice(0, enginesMax)
      .map((engine: unknown) => readText(isRecord(engine) ? engine.name : engine))
      .filter((engine) => engine !== null),
  }
}
