import { describeFileOnly, type Configured } from '#access'
import type { Instances } from '#clusters'
import { createBudgets, type Budgets } from '#budgets'
import { createConfirmations, type Confirmations } from '#confirmations'
import type { Clock } from '#context'
import type { Database } from '#db'
import {
  createPolicies,
  createRecorder,
  createTemplates,
  type ConfiguredPolicies,
  type ConfiguredTemplates,
  type Policies,
  type Recorder,
  type Templates,
} from '#deployments'
import type { Fleet } from '#fleet'
import {
  createClosures,
  createProfiles,
  type Closures,
  type ConfiguredProfiles,
  type Profiles,
} from '#instances'
import { systemTiming } from '#kube'
import type { Logger } from '#log'
import { createSealedText, type SealedText } from '#secrets'

/** What administrators say of what may be deployed where, in memory. */
export type Governance = {
  closures: Closures
  policies: Policies
  profiles: Profiles
  templates: Templates
  confirmations: Confirmations
  /** What API tokens may use up. */
  budgets: Budgets
  /** What deployments were, besides what they are. */
  history: Recorder
  sealedHistory: SealedText
  /** Reads what is decided by without waiting. Throws what the database says. */
  read(): Promise<void>
  /** Follows every change of it from now on. Returns what stops that. */
  follow(): () => void
}

export function createGovernance(deps: {
  db: Database
  log: Logger
  now: Clock
  fleet: Pick<Fleet, 'get' | 'instanceState' | 'list' | 'onObject' | 'tellInstance'>
  instances: Pick<Instances, 'find'>
  encryptionSecrets: readonly string[]
  configured: Configured
}): Governance {
  const closures = createClosures({
    ...deps,
    timing: systemTiming,
    onChange: deps.fleet.tellInstance,
  })
  const policies = createPolicies({ ...deps, configured: readPolicies(deps.configured) })
  const templates = createTemplates({ ...deps, configured: readTemplates(deps.configured) })
  const sealedHistory = createSealedText(deps.encryptionSecrets, 'history')
  const history = createRecorder({ ...deps, sealed: sealedHistory, timing: systemTiming })
  return {
    closures,
    policies,
    profiles: createProfiles(readProfiles(deps.configured)),
    templates,
    budgets: createBudgets(deps),
    confirmations: createConfirmations({
      sealed: createSealedText(deps.encryptionSecrets, 'confirmations'),
    }),
    history,
    sealedHistory,
    read: policies.read,
    follow: () => {
      const stops = [closures, policies, templates, history].map(({ follow }) => follow())
      return () => {
        for (const stop of stops) stop()
      }
    },
  }
}

function readPolicies(configured: Configured): ConfiguredPolicies {
  return {
    of: (instance) => configured.governance()?.policies.get(instance),
    modifiedAt: () => configured.governance()?.modifiedAt ?? new Date(0),
    describe: (what) => describeFileOnly(what, configured),
  }
}

function readProfiles(configured: Configured): ConfiguredProfiles {
  return {
    of: (instance) => configured.governance()?.oidcProfiles.get(instance),
    modifiedAt: () => configured.governance()?.modifiedAt ?? new Date(0),
    describe: (what) => describeFileOnly(what, configured),
  }
}

function readTemplates(configured: Configured): ConfiguredTemplates {
  return {
    list: () => configured.governance()?.templates ?? [],
    modifiedAt: () => configured.governance()?.modifiedAt ?? new Date(0),
    describe: (what) => describeFileOnly(what, configured),
  }
}
