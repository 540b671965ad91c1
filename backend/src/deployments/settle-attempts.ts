import {
  findOpenAttempts,
  settleAttempt,
  type AttemptOutcome,
  type AttemptRow,
  type AuditAction,
} from '#audit'
import type { ClusterInstance, Instances } from '#clusters'
import type { Clock, JobRound } from '#context'
import type { Database } from '#db'
import { requestIdAnnotation } from '#fleet'
import { findObject, isRecord, type ApiGroup, type KubeObject } from '#kube'
import type { Logger } from '#log'
import { objectPath } from './paths.ts'

export type SettleDeps = {
  db: Database
  now: Clock
  log: Logger
  instances: Pick<Instances, 'find' | 'resting'>
}

/** What was found out, and by what: the `reason` of the row. */
export type Finding = AttemptOutcome & { reason: string; after?: Record<string, unknown> }

const readTimeoutMs = 5_000
const rowsAtOnce = 200
/** Whoever sent it may still be waiting for the answer, and writes the better row. */
const ownMs = 60_000
/** No API server goes on with a request for longer: what did not happen by then does not happen any more. */
const undecidedMs = 2 * 60_000
/** What is not there any more after so long may have been there: somebody else may have deleted it. */
const absenceCountsMs = 60 * 60_000
const patienceMs = 24 * 60 * 60_000

const actions = [
  'deployment.create',
  'deployment.update',
  'deployment.delete',
] as const satisfies readonly AuditAction[]

/** Looks once at every attempt that is open. Each gets one row, however many replicas look. */
export async function settleAttempts(deps: SettleDeps, round?: JobRound): Promise<void> {
  const before = new Date(deps.now().getTime() - ownMs)
  for (let after = ''; ;) {
    const rows = await findOpenAttempts(deps.db, { actions, before, after, limit: rowsAtOnce })
    const perInstance = Map.groupBy(rows, ({ target }) => String(target['instance']))
    await Promise.all([...perInstance].map(([id, some]) => settleOn(deps, id, some, round)))
    if (rows.length < rowsAtOnce || round?.signal.aborted) return
    after = rows.at(-1)!.id
  }
}

/** One at a time, and none after a read that failed: that cluster has to wait for the next sweep. */
async function settleOn(
  deps: SettleDeps,
  id: string,
  rows: readonly AttemptRow[],
  round?: JobRound,
): Promise<void> {
  const instance = deps.instances.find(id)
  let isReadable = instance !== null && !deps.instances.resting.has(id)
  for (const row of rows) {
    if (round?.signal.aborted) return
    const ageMs = deps.now().getTime() - row.occurredAt.getTime()
    let found: Finding | null = null
    if (isReadable && isSameCluster(instance!, row)) {
      const object = await read(instance!, row).catch((error: unknown) => {
        deps.log.debug({ error, instance: id }, 'an attempt cannot be settled yet')
        return undefined
      })
      if (object === undefined) isReadable = false
      else found = judgeAttempt(row, object, ageMs)
    }
    if (found === null && ageMs > patienceMs) {
      found = { outcome: 'unknown', reason: 'not-settled' }
    }
    if (found !== null) await settleAttempt(deps, row, found, round)
  }
}

function isSameCluster({ apiGroup, clusterUid }: ClusterInstance, { evidence }: AttemptRow) {
  return (
    apiGroup !== null && apiGroup === evidence['apiGroup'] && clusterUid === evidence['clusterUid']
  )
}

async function read(instance: ClusterInstance, row: AttemptRow): Promise<KubeObject | null> {
  const { name, namespace } = row.target as Record<'name' | 'namespace', string>
  const path = objectPath(row.evidence['apiGroup'] as ApiGroup, namespace, name)
  return findObject(instance.transport, path, { timeoutMs: readTimeoutMs })
}

/** What an object, or its absence, says of an attempt to make, change or delete it; null while it says nothing. */
export function judgeAttempt(
  attempt: Pick<AttemptRow, 'action' | 'requestId' | 'occurredAt' | 'evidence'>,
  object: KubeObject | null,
  ageMs: number,
): Finding | null {
  const seen = describeObject(object)
  if (attempt.action === 'deployment.create') return judgeCreation(attempt, seen, ageMs)
  if (attempt.action === 'deployment.update') return judgeUpdate(attempt, seen, ageMs)
  return judgeDeletion(attempt, seen, ageMs)
}

type Seen = ReturnType<typeof describeObject>

function judgeCreation(
  { evidence, occurredAt, requestId }: Pick<AttemptRow, 'evidence' | 'occurredAt' | 'requestId'>,
  { after, annotations, createdAt }: Seen,
  ageMs: number,
): Finding | null {
  if (after === undefined) {
    if (ageMs < undecidedMs) return null
    if (ageMs > absenceCountsMs) return { outcome: 'unknown', reason: 'not-settled' }
    return { outcome: 'failure', reason: 'settled-absent' }
  }
  if (annotations[requestIdAnnotation(evidence['apiGroup'] as ApiGroup)] === requestId) {
    return { outcome: 'success', reason: 'settled-present', after }
  }
  // It held the name already, with room for clocks that differ.
  if (createdAt < occurredAt.getTime() - undecidedMs) {
    return { outcome: 'failure', reason: 'settled-other', after }
  }
  return ageMs < undecidedMs ? null : { outcome: 'unknown', reason: 'settled-other', after }
}

function judgeUpdate(
  { evidence, requestId }: Pick<AttemptRow, 'evidence' | 'requestId'>,
  { after, annotations }: Seen,
  ageMs: number,
): Finding | null {
  const isSame = after !== undefined && after.uid === evidence['uid']
  const by = annotations[requestIdAnnotation(evidence['apiGroup'] as ApiGroup)] ?? null
  if (isSame && by === requestId) return { outcome: 'success', reason: 'settled-present', after }
  if (ageMs < undecidedMs) return null
  if (!isSame) return { outcome: 'unknown', reason: 'settled-absent' }
  // A later request of the hub leaves its own mark over one that may have been there.
  const isAsBefore = by === evidence['requestIdBefore']
  return { outcome: isAsBefore ? 'failure' : 'unknown', reason: 'settled-other', after }
}

function judgeDeletion(
  { evidence }: Pick<AttemptRow, 'evidence'>,
  { after, isDeleting }: Seen,
  ageMs: number,
): Finding | null {
  if (after === undefined || after.uid !== evidence['uid']) {
    return { outcome: 'success', reason: 'settled-absent' }
  }
  if (isDeleting) return { outcome: 'success', reason: 'settled-deleting', after }
  return ageMs < undecidedMs ? null : { outcome: 'failure', reason: 'settled-present', after }
}

function describeObject(object: KubeObject | null) {
  const metadata: Record<string, unknown> = isRecord(object?.metadata) ? object.metadata : {}
  const { annotations, creationTimestamp, deletionTimestamp, resourceVersion, uid } = metadata
  return {
    after: object === null ? undefined : { uid, resourceVersion },
    annotations: isRecord(annotations) ? annotations : {},
    createdAt: Date.parse(String(creationTimestamp)),
    isDeleting: deletionTimestamp !== undefined,
  }
}
