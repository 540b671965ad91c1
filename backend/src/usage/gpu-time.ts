import type { Clock, Job } from '#context'
import type { Database, Lease } from '#db'
import type { Fleet, FleetDeployment } from '#fleet'
import { createBoundedCache } from '#cache'
import { toRow } from './counts.ts'
import { describeUse } from './create-usage.ts'
import { addUsage, findUsed, moveWindow, type UsageRow } from './store.ts'

type Options = {
  fleet: Pick<Fleet, 'instanceIds' | 'instanceState' | 'list'>
  db: Database
  now: Clock
  /** By whose group mapping somebody may deploy there; null where by none. */
  findTeam: (
    principal: string,
    place: { instance: string; namespace: string },
  ) => Promise<string | null>
}

const everySeconds = 60
/** What was not looked at for longer is not known, and not counted. */
const gapSecondsMax = 180
/** Until when the hubs together have counted, in seconds, beside what is taken of limits. */
const mark = 'gpu-time'
const markKeptMs = 86_400_000
const teamKeptMs = 10 * 60_000

/** Counts the accelerators that deployments hold, once a minute, by one hub: of clusters that it sees as they are. */
export function createGpuTimeJob({ db, findTeam, fleet, now }: Options): Job {
  const teams = createBoundedCache<{ team: string | null; until: number }>({ entriesMax: 10_000 })
  const teamOf = async ({ createdBy, instance, namespace }: FleetDeployment) => {
    if (createdBy === null) return null
    const key = `${instance} ${namespace} ${createdBy}`
    const known = teams.get(key)
    if (known && known.until > now().getTime()) return known.team
    const team = await findTeam(createdBy, { instance, namespace })
    teams.set(key, { team, until: now().getTime() + teamKeptMs })
    return team
  }
  const describe = async (deployment: FleetDeployment, at: Date, seconds: number) => {
    const counted = {
      // Whoever made it past the hub is nobody it knows.
      principal: deployment.createdBy ?? '',
      team: await teamOf(deployment),
      ...describeUse(deployment),
    }
    return toRow(counted, at, { gpuSeconds: seconds * heldBy(deployment) })
  }

  return {
    name: 'usage.gpu-time',
    everySeconds,
    firstWaitSeconds: 20,
    isLeased: true,
    failure: 'the time that accelerators were held could not be counted',
    async run({ lease }) {
      const at = now()
      const to = Math.floor(at.getTime() / 1000)
      const from = (await findUsed(db, [mark])).get(mark) ?? null
      const seconds = from === null ? 0 : to - from
      const rows: UsageRow[] = []
      if (seconds > 0 && seconds <= gapSecondsMax) {
        for (const deployment of listSeen(fleet)) rows.push(await describe(deployment, at, seconds))
      }
      await write(db, { lease, at, from, to, rows })
    },
  }
}

async function write(
  db: Database,
  step: { lease: Lease | null; at: Date; from: number | null; to: number; rows: UsageRow[] },
): Promise<void> {
  const { at, from, lease, rows, to } = step
  const endsAt = new Date(at.getTime() + markKeptMs)
  await db.transaction(async (tx) => {
    await lease?.check(tx)
    // Counted by another hub meanwhile, or its clock is ahead of this one's.
    if (from !== null && from >= to) return
    if (!(await moveWindow(tx, { id: mark, endsAt }, { from, to }))) return
    await addUsage(tx, rows)
  })
}

function listSeen(fleet: Options['fleet']): FleetDeployment[] {
  return fleet
    .instanceIds()
    .filter((id) => fleet.instanceState(id).synced)
    .flatMap((instance) => fleet.list({ instance }))
    .filter((deployment) => heldBy(deployment) > 0)
}

/** What its pods hold on nodes; where these may not be read, what its ready replicas are for. */
function heldBy({ gpus, replicas }: FleetDeployment): number {
  return gpus.held ?? gpus.perReplica * replicas.ready
}
