import { createPositions } from './positions.ts'
import type { FleetDeployment } from './read-deployment.ts'

export type FleetChange = { seq: number } & FleetChangeBody

export type FleetChangeBody =
  /**
   * `openJson` is the deployment without its closing brace, serialized once for all readers. Where it is `isInPlace`, no
   * list has it elsewhere, or counts it otherwise, than before.
   */
  | { type: 'upsert'; deployment: FleetDeployment; openJson: string; isInPlace?: boolean }
  | { type: 'remove'; instance: string; namespace: string; name: string; uid: string }
  /** So much changed on the instance at once that reading it again is cheaper. */
  | { type: 'reset'; instance: string }
  /**
   * Its status, or whether its deployments are up to date; with `namespaces` no more than how many deployments are in
   * these.
   */
  | { type: 'instance'; id: string; namespaces?: readonly string[] }
  | { type: 'instance-removed'; id: string }

export type ChangeLog = {
  append: (change: FleetChangeBody) => void
  subscribe: (listener: (change: FleetChange) => void) => () => void
  /**
   * Where the log stands, told so that nobody can count what others did meanwhile, nor tell whether anything happened;
   * another process's position is never mistaken for ours.
   */
  position: (seq?: number) => string
  /** What came after a position; null where that is not known any more. */
  since: (position: string) => FleetChange[] | null
}

/** The latest changes in memory, for readers that were away for a moment. */
export function createChangeLog(options: {
  capacity: number
  /** Of the deployments in it, serialized. */
  bytesMax?: number
  onListenerError: (error: unknown) => void
}): ChangeLog {
  const positions = createPositions()
  const listeners = new Set<(change: FleetChange) => void>()
  let changes: FleetChange[] = []
  let last = 0
  let bytes = 0
  const { bytesMax = 32 * 1024 * 1024 } = options
  const tell = (change: FleetChange) => {
    for (const listener of listeners) {
      try {
        listener(change)
      } catch (error) {
        options.onListenerError(error)
      }
    }
  }
  return {
    append: (body) => {
      last += 1
      const change = { ...body, seq: last }
      changes.push(change)
      bytes += bytesOf(change)
      if (changes.length >= options.capacity * 2) changes = changes.slice(-options.capacity)
      else if (bytes > bytesMax) changes = changes.slice(Math.ceil(changes.length / 2))
      else return tell(change)
      bytes = changes.reduce((sum, each) => sum + bytesOf(each), 0)
      tell(change)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    position: (seq = last) => positions.seal(seq),
    since: (position) => {
      const seq = positions.open(position)
      if (seq === null || seq > last) return null
      const oldest = changes[0]?.seq ?? last + 1
      return seq < oldest - 1 ? null : changes.slice(seq - oldest + 1)
    },
  }
}

function bytesOf(change: FleetChange): number {
  return change.type === 'upsert' ? change.openJson.length : 0
}
