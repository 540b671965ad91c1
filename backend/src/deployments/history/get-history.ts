import type { DeploymentHistory, DeploymentRevision, HistoryQuery } from '@hub/shared'
import type { RequestContext } from '#context'
import { isRecord } from '#kube'
import { isAllowed } from '#rbac'
import type { SealedText } from '#secrets'
import type { DeploymentCoordinates, DeploymentDeps } from '../deps.ts'
import { getDeployment } from '../get.ts'
import { maskVariables } from '../manifests/mask-variables.ts'
import { findRevisions, type RevisionRow } from './store.ts'

export type HistoryDeps = DeploymentDeps & { sealedHistory: SealedText }

export const revisionsKept = 20
const unseenMax = 100

/**
 * The specs that a deployment had, as far as the hub made or saw them. Throws what `getDeployment` throws.
 */
export async function getHistory(
  ctx: RequestContext,
  deps: HistoryDeps,
  at: DeploymentCoordinates,
  { limit }: HistoryQuery,
): Promise<DeploymentHistory> {
  const revisions = await readRevisions(ctx, deps, at, limit)
  const isMasked = !isAllowed(ctx, 'deployment.update', at)
  const items = isMasked
    ? revisions.map((each) => ({ ...each, spec: maskVariables(each.spec) }))
    : revisions
  return { items, unseen: findUnseen(items), isMasked }
}

/** Newest first. What no key opens any more counts as not seen. */
export async function readRevisions(
  ctx: RequestContext,
  deps: HistoryDeps,
  at: DeploymentCoordinates,
  limit = revisionsKept,
): Promise<DeploymentRevision[]> {
  const { uid } = getDeployment(ctx, deps, at)
  const clusterUid = deps.instances.find(at.instance)?.clusterUid
  if (!clusterUid) return []
  await deps.history.flush().catch((error: unknown) => {
    ctx.log.warn({ error }, 'the history of deployments could not be written; it is tried again')
  })
  const rows = await findRevisions(ctx.db, { clusterUid, deploymentUid: uid }, limit)
  const opened = await Promise.all(rows.map((row) => presentRevision(deps.sealedHistory, row)))
  return opened.filter((each) => each !== null)
}

async function presentRevision(
  sealed: SealedText,
  { at, by, byName, generation, manager, specSealed }: RevisionRow,
): Promise<DeploymentRevision | null> {
  const text = await sealed.open(specSealed)
  const spec: unknown = text === null ? null : JSON.parse(text)
  if (!isRecord(spec)) return null
  return {
    generation,
    at: at.toISOString(),
    by,
    byName,
    manager,
    source: by === null ? 'cluster' : 'hub',
    spec,
  }
}

/** Generations between those that are shown. */
function findUnseen(items: readonly Pick<DeploymentRevision, 'generation'>[]): number[] {
  const seen = items.map(({ generation }) => generation)
  const unseen: number[] = []
  for (let each = (seen[0] ?? 0) - 1; each > (seen.at(-1) ?? 0); each -= 1) {
    if (unseen.length === unseenMax) break
    if (!seen.includes(each)) unseen.push(each)
  }
  return unseen
}
