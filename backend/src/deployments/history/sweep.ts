import type { Instances } from '#clusters'
import type { Clock, Job } from '#context'
import type { Database } from '#db'
import type { Fleet } from '#fleet'
import { revisionsKept } from './get-history.ts'
import { deleteGoneRevisions, findKeptDeployments, pruneRevisions, setGone } from './store.ts'

type Deps = {
  db: Database
  now: Clock
  fleet: Pick<Fleet, 'list' | 'instanceState' | 'instanceIds'>
  instances: Pick<Instances, 'find'>
}

const keptAfterMs = 30 * 24 * 60 * 60_000
const pageSize = 300

/** Leaves the latest revisions of each deployment, and none of those that are gone for a month. */
export function createHistorySweep(deps: Deps): Job {
  const { db, now } = deps
  return {
    name: 'deployments.history-sweep',
    everySeconds: 60 * 60,
    firstWaitSeconds: 10 * 60,
    jitter: 0.2,
    isLeased: true,
    failure: 'the history of deployments could not be swept',
    async run({ lease, signal }) {
      const there = findThere(deps)
      for (let after = ''; ;) {
        const page = await findKeptDeployments(db, { after, limit: pageSize })
        const last = page.at(-1)
        if (!last || signal.aborted) break
        after = last.deploymentUid
        await db.transaction(async (tx) => {
          await lease?.check(tx)
          const known = page.filter(({ clusterUid }) => !there.unknown.has(clusterUid))
          const isThere = ({ deploymentUid }: (typeof page)[0]) => there.uids.has(deploymentUid)
          // Another replica may write late what it saw, after the rest was marked.
          const gone = known.filter((each) => each.gone < each.count && !isThere(each))
          const back = page.filter((each) => each.gone > 0 && isThere(each))
          const uidsOf = (some: typeof page) => some.map(({ deploymentUid }) => deploymentUid)
          if (gone.length > 0) await setGone(tx, uidsOf(gone), now())
          if (back.length > 0) await setGone(tx, uidsOf(back), null)
          for (const each of page) {
            if (each.count > revisionsKept) await pruneRevisions(tx, each, revisionsKept)
          }
        })
      }
      await db.transaction(async (tx) => {
        await lease?.check(tx)
        await deleteGoneRevisions(tx, new Date(now().getTime() - keptAfterMs))
      })
    },
  }
}

/** The deployments that there are; `unknown` are clusters of which not all are known now. */
function findThere({ fleet, instances }: Deps): { uids: Set<string>; unknown: Set<string> } {
  const unknown = new Set<string>()
  for (const id of fleet.instanceIds()) {
    const clusterUid = instances.find(id)?.clusterUid
    if (clusterUid && !fleet.instanceState(id).synced) unknown.add(clusterUid)
  }
  return { uids: new Set(fleet.list().map(({ uid }) => uid)), unknown }
}
