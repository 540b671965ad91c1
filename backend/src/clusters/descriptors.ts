import { readdirSync, readFileSync, statSync } from 'node:fs'
import type { Sockets } from '#kube'

/** How the files and sockets that the hub may open are shared out. */
export type DescriptorPlan = {
  /** What the system allows in all; null where it does not say, and then nothing is bounded. */
  limit: number | null
  /** Connections of people and programs. */
  peopleMax: number
  /** Connections to clusters, all together. */
  clustersMax: number
  /** So many instances have what they need for certain. */
  instancesMax: number
  /** Requests in flight to one cluster, so that one does not use up what its watches need; null for as many as usual. */
  requestsMax: number | null
}

/** The database, the log, folders that are watched, files that are read, names that are resolved. */
const ownCount = 48
/** A watch for each of seven kinds, and requests. */
const requestsWhereFew = 4
const perInstance = 7 + requestsWhereFew + 1
/** Where so many could be watched, there is enough for requests as usual. */
const instancesWhereMany = 200
const peopleShare = 0.35

/** Shares out what `limit` allows: whatever clusters take, people's requests are still accepted. */
export function planDescriptors(limit: number | null): DescriptorPlan {
  if (limit === null) {
    const unbounded = Number.POSITIVE_INFINITY
    return {
      limit,
      peopleMax: unbounded,
      clustersMax: unbounded,
      instancesMax: unbounded,
      requestsMax: null,
    }
  }
  const shared = Math.max(0, limit - ownCount)
  const peopleMax = Math.max(1, Math.floor(shared * peopleShare))
  const clustersMax = Math.max(perInstance, shared - peopleMax)
  const instancesMax = Math.floor(clustersMax / perInstance)
  const requestsMax = instancesMax < instancesWhereMany ? requestsWhereFew : null
  return { limit, peopleMax, clustersMax, instancesMax, requestsMax }
}

/** The limit that lets so many instances be watched, rounded up to what people set. */
export function limitFor(instances: number): number {
  const least = ownCount + (instances * perInstance) / (1 - peopleShare)
  return Math.ceil((least + 1) / 256) * 256
}

export type DescriptorShares = {
  /** Whether the instance has its share from now on; one that has it keeps it. */
  admit(id: string): boolean
  release(id: string): void
  /** Its own share, and of what is left over whatever is free. */
  socketsOf(id: string): Sockets
}

/** Keeps count of who has a share, and of every connection to a cluster. */
export function createDescriptorShares(plan: DescriptorPlan): DescriptorShares {
  const admitted = new Set<string>()
  const open = new Map<string, number>()
  const beyond = (id: string) => Math.max(0, (open.get(id) ?? 0) - perInstance)
  const leftOver = () => {
    const spare = plan.clustersMax - admitted.size * perInstance
    return [...open.keys()].reduce((left, id) => left - beyond(id), spare)
  }
  return {
    admit: (id) => {
      if (!admitted.has(id) && admitted.size >= plan.instancesMax) return false
      admitted.add(id)
      return true
    },
    release: (id) => void admitted.delete(id),
    socketsOf: (id) => ({
      take: () => {
        const held = open.get(id) ?? 0
        if (held >= perInstance && leftOver() < 1) return null
        open.set(id, held + 1)
        let isHeld = true
        return () => {
          if (!isHeld) return
          isHeld = false
          const left = open.get(id)! - 1
          if (left === 0) open.delete(id)
          else open.set(id, left)
        }
      },
    }),
  }
}

export function describeShortage(plan: DescriptorPlan, instances: number): string {
  return `the hub may open ${plan.limit} files and sockets, which is enough for ${plan.instancesMax} of its ${instances} instances. Raise its limit on open files (ulimit -n, LimitNOFILE of its service, or nofile of its container) to ${limitFor(instances)} at least, and restart it`
}

/** How many files and sockets this process may open; null where the system does not say or sets no limit. */
export function readDescriptorLimit(): number | null {
  const limit = readProcLimit() ?? readReportedLimit()
  return limit !== null && Number.isSafeInteger(limit) ? limit : null
}

/** How many it has open; null where the system does not say. Linux before 6.2 only lists them, for milliseconds a thousand. */
export function countDescriptors(): number | null {
  try {
    return statSync('/proc/self/fd').size || readdirSync('/proc/self/fd').length
  } catch {
    return null
  }
}

function readProcLimit(): number | null {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8')
    const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1]
    return soft === undefined ? null : Number(soft)
  } catch {
    return null
  }
}

/** Where there is no /proc. Looking up the names of connections would take long. */
function readReportedLimit(): number | null {
  const report = Object.assign(process.report, { excludeNetwork: true })
  const { userLimits } = report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } }
  const soft = userLimits?.open_files?.soft
  return typeof soft === 'number' ? soft : null
}
