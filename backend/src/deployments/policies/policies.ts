import { InstancePolicyInput, type InstancePolicy } from '@hub/shared'
import type { Clock } from '#context'
import { keepRows, type Database } from '#db'
import type { Logger } from '#log'
import { defaultPolicy } from './find-refused.ts'
import { selectPolicies, type PolicyRow } from './store.ts'

/** What the configuration file says of instances. */
export type ConfiguredPolicies = {
  of(instance: string): InstancePolicyInput | undefined
  modifiedAt(): Date
  /** The sentence for whoever wants to change what stands in the file. */
  describe(what: string): string
}

/** The policies of all instances, in memory. */
export type Policies = {
  /** What holds on an instance. Throws what the database says where memory may be old. */
  of(instance: string): Promise<InstancePolicy>
  /** As it was read last, for whoever may not wait, and goes on while the database is away. */
  latest(instance: string): InstancePolicy
  configured: ConfiguredPolicies | null
  /** Reads them now. Throws what the database says. */
  read(): Promise<void>
  follow(): () => void
}

export function createPolicies(deps: {
  db: Database
  log: Logger
  now: Clock
  configured: ConfiguredPolicies | null
}): Policies {
  const { configured, db, log, now } = deps
  const rows = keepRows({
    db,
    now,
    topic: 'instance-policy',
    read: async (reader) =>
      new Map((await selectPolicies(reader)).map((row) => [row.instanceId, presentPolicy(row)])),
    onFailure: (error) =>
      log.warn({ error }, 'the policies of instances could not be read; they are read when asked'),
  })
  const ofFile = (instance: string): InstancePolicy | null => {
    const inFile = configured?.of(instance)
    if (!inFile) return null
    const changedAt = configured!.modifiedAt().toISOString()
    return { ...inFile, source: 'config', changedAt, changedBy: null }
  }
  return {
    configured,
    follow: rows.follow,
    read: async () => void (await rows.refresh()),
    latest: (instance) => {
      const known = rows.latest()
      // Until they were read it may be any.
      const unread = {
        ...strictestPolicy,
        source: 'manual',
        changedAt: null,
        changedBy: null,
      } as const
      return ofFile(instance) ?? (known ? (known.get(instance) ?? presentDefault()) : unread)
    },
    of: async (instance) =>
      ofFile(instance) ?? (await rows.current()).get(instance) ?? presentDefault(),
  }
}

export function presentDefault(): InstancePolicy {
  return { ...defaultPolicy, source: 'default', changedAt: null, changedBy: null }
}

/** A row that a later hub wrote differently counts as the strictest that this one knows. */
export function presentPolicy({ changedAt, changedBy, policy }: PolicyRow): InstancePolicy {
  const read = InstancePolicyInput.safeParse(policy)
  return {
    ...(read.success ? read.data : strictestPolicy),
    source: 'manual',
    changedAt: changedAt.toISOString(),
    changedBy,
  }
}

const strictestPolicy: InstancePolicyInput = {
  deployersMay: {
    overrides: false,
    podTemplate: false,
    secretReferences: false,
    images: false,
    trustRemoteCode: false,
  },
  imageRegistries: null,
  templatesOnly: true,
  confirmAgents: true,
  modelUse: 'deployers',
  directModels: null,
}
