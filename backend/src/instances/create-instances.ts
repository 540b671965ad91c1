import { readFileSync } from 'node:fs'
import type { InstanceStatus } from '@hub/shared'
import type { Clock } from '#context'
import {
  createTransport,
  systemTiming,
  type ApiGroup,
  type ClusterCredential,
  type KubeconfigPolicy,
  type Timing,
  type Transport,
} from '#kube'
import type { Logger } from '#log'
import { CredentialsDirectory, type RejectedCredential } from './credentials-directory.ts'
import { describeHealth } from './describe-health.ts'
import { watchHealth, type HealthWatch, type Probe } from './watch-health.ts'

/**
 * An instance as it was when it was asked for. It never changes: ask again, or listen, for what is true later. Its
 * transport serves until the credential is replaced, and lets what is in flight then finish.
 */
export type ClusterInstance = {
  readonly id: string
  readonly status: InstanceStatus
  readonly kubernetesVersion: string | null
  readonly apiGroup: ApiGroup | null
  /** What the cluster is, whatever its name; null until it was read or where it may not be. */
  readonly clusterUid: string | null
  /** What is odd about the credential, for administrators. */
  readonly warnings: readonly string[]
  readonly transport: Transport
}

export type InstancesChange =
  | { type: 'upsert'; instance: ClusterInstance }
  | { type: 'remove'; id: string }

export type InstancesOptions = {
  directory: string
  policy: KubeconfigPolicy
  log: Logger
  now: Clock
  timing?: Timing
  rescanMs?: number
  probeIntervalMs?: number
  probeTimeoutMs?: number
}

export type Instances = {
  /** Resolves when every credential that is there was read and registered, whether or not its cluster answers. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Sorted by id. */
  list(): ClusterInstance[]
  find(id: string): ClusterInstance | null
  /** Returns the way to stop listening. */
  onChange(listener: (change: InstancesChange) => void): () => void
  rejected(): RejectedCredential[]
  /** Why the credentials directory itself cannot be read; null when it can. */
  problem(): string | null
  /** Asks the cluster soon, because something just failed there. */
  probe(id: string): void
}

type Entry = { instance: ClusterInstance; health: HealthWatch }

/** The registry of instances: what the credentials directory holds, and how each cluster does. */
export function createInstances(options: InstancesOptions): Instances {
  const { log, now, policy, timing = systemTiming } = options
  const version = readVersion()
  const entries = new Map<string, Entry>()
  const listeners = new Set<(change: InstancesChange) => void>()
  const closing = new Set<Promise<void>>()

  const emit = (change: InstancesChange) => {
    for (const listener of listeners) {
      try {
        listener(change)
      } catch (error) {
        log.error({ error }, 'a listener to instances failed')
      }
    }
  }

  const retire = (entry: Entry, closeOptions?: { graceMs: number }) => {
    entry.health.stop()
    const closed = entry.instance.transport
      .close(closeOptions)
      .finally(() => closing.delete(closed))
    closing.add(closed)
  }

  const register = (id: string, credential: ClusterCredential, warnings: string[]) => {
    const previous = entries.get(id)
    const transport = createTransport(credential, { version, addresses: policy })
    const instance: ClusterInstance = {
      id,
      status: {
        state: 'connecting',
        reason: null,
        since: now().toISOString(),
        lastSeenAt: previous?.instance.status.lastSeenAt ?? null,
      },
      kubernetesVersion: previous?.instance.kubernetesVersion ?? null,
      apiGroup: null,
      clusterUid: null,
      warnings,
      transport,
    }
    const health = watchHealth({
      transport,
      timing,
      intervalMs: options.probeIntervalMs ?? 30_000,
      timeoutMs: options.probeTimeoutMs ?? 10_000,
      onProbe: (probe) => update(id, transport, probe),
    })
    entries.set(id, { instance, health })
    emit({ type: 'upsert', instance })
    if (previous) retire(previous)
  }

  const update = (id: string, transport: Transport, probe: Probe) => {
    const entry = entries.get(id)
    if (entry?.instance.transport !== transport) return
    const { instance } = entry
    const { state, reason } = describeHealth(id, probe)
    const at = now().toISOString()
    const answered = probe.error === null || probe.error.status !== null
    if (state !== instance.status.state) {
      log.info({ instance: id, state, reason, from: instance.status.state }, 'instance state')
      if (probe.error) log.debug({ instance: id, error: probe.error }, 'probe failed')
    }
    entry.instance = {
      ...instance,
      status: {
        state,
        reason,
        since: state === instance.status.state ? instance.status.since : at,
        lastSeenAt: answered ? at : instance.status.lastSeenAt,
      },
      ...(probe.facts && {
        kubernetesVersion: probe.facts.kubernetesVersion,
        apiGroup: probe.facts.apiGroup,
        clusterUid: probe.facts.uid,
      }),
    }
    emit({ type: 'upsert', instance: entry.instance })
  }

  const remove = (id: string) => {
    const entry = entries.get(id)
    if (!entry) return
    entries.delete(id)
    emit({ type: 'remove', id })
    retire(entry)
  }

  const directory = new CredentialsDirectory({
    directory: options.directory,
    policy,
    log,
    now,
    timing,
    rescanMs: options.rescanMs ?? 30_000,
    onCredential: register,
    onRemoved: remove,
  })

  return {
    start: async () => {
      await directory.start()
      log.info({ directory: options.directory, instances: entries.size }, 'instances registered')
    },
    stop: async () => {
      await directory.stop()
      for (const entry of entries.values()) retire(entry, { graceMs: 2_000 })
      entries.clear()
      await Promise.allSettled(closing)
    },
    list: () =>
      [...entries.values()]
        .map(({ instance }) => instance)
        .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    find: (id) => entries.get(id)?.instance ?? null,
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    rejected: () => directory.rejected(),
    problem: () => directory.problem(),
    probe: (id) => entries.get(id)?.health.probe(),
  }
}

function readVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
