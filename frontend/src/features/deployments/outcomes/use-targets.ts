import type { TargetOutcome } from '@hub/shared'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { rememberDeployment } from '../queries.ts'
import { runTargets, type Asked } from './run-targets.ts'

export interface TargetRun {
  asked: Asked
  key?: string | undefined
}

/** Something done to several targets: what came of each so far. */
export function useTargets(onEnd: (outcomes: readonly TargetOutcome[]) => void = () => {}) {
  const client = useQueryClient()
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, TargetOutcome>>(new Map())
  const run = useMutation({
    mutationFn: async ({ asked, key }: TargetRun) => {
      const found = new Map<string, TargetOutcome>()
      const isTried = asked.what === 'create' && asked.isDryRun
      setOutcomes(new Map())
      await runTargets(asked, key, (outcome) => {
        found.set(keyOf(outcome), outcome)
        setOutcomes(new Map(found))
        if (outcome.deployment !== null && !isTried) rememberDeployment(client, outcome.deployment)
      })
      return [...found.values()]
    },
    onSuccess: onEnd,
  })
  return { run, outcomes }
}

export function keyOf({
  instance,
  name,
  namespace,
}: Pick<TargetOutcome, 'instance' | 'name' | 'namespace'>): string {
  return `${instance}/${namespace}/${name}`
}
