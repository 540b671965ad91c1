import type { Clock } from '#context'
import type { Database } from '#db'
import { createPolicies, createTemplates, type Policies, type Templates } from '#deployments'
import { createClosures, type Closures } from '#instances'
import { systemTiming } from '#kube'
import type { Logger } from '#log'

/** What administrators say of what may be deployed where, in memory. */
export type Governance = {
  closures: Closures
  policies: Policies
  templates: Templates
  /** Follows every change of it from now on. Returns what stops that. */
  follow(): () => void
}

export function createGovernance(deps: {
  db: Database
  log: Logger
  now: Clock
  /** What is shown of an instance is another. */
  onInstance: (id: string) => void
}): Governance {
  const closures = createClosures({ ...deps, timing: systemTiming, onChange: deps.onInstance })
  const policies = createPolicies({ ...deps, configured: null })
  const templates = createTemplates({ ...deps, configured: null })
  return {
    closures,
    policies,
    templates,
    follow: () => {
      const stops = [closures, policies, templates].map(({ follow }) => follow())
      return () => {
        for (const stop of stops) stop()
      }
    },
  }
}
