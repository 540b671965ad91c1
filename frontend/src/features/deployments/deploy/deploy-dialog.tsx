import { Button, Group, Modal, Stack } from '@mantine/core'
import type { CreateDeploymentInput } from '@hub/shared'
import { useEffect, useEffectEvent, useState } from 'react'
import { notify } from '../../../components/notify.ts'
import { ProblemNotice } from '../../../components/problem-notice.tsx'
import { OutcomeList } from '../outcomes/outcome-list.tsx'
import { keyOf, useTargets } from '../outcomes/use-targets.ts'
import type { DeployPlace } from './deploy-draft.ts'

export interface DeployDialogProps {
  input: CreateDeploymentInput
  places: readonly DeployPlace[]
  keyFor: (asked: unknown) => string
  onClose: () => void
  onDone: () => void
}

/** Several places: all of them are asked first, then it is created; what failed can be tried again. */
export function DeployDialog({ input, keyFor, onClose, onDone, places }: DeployDialogProps) {
  const [created, setCreated] = useState<readonly DeployPlace[] | null>(null)
  const tried = useTargets()
  const made = useTargets((outcomes) => {
    if (outcomes.some(({ outcome }) => outcome !== 'done')) return
    notify({
      title: 'Deployments created',
      message: `${input.name} is being deployed to ${outcomes.length} places.`,
    })
    onDone()
  })
  const named = (of: readonly DeployPlace[]) => of.map((place) => ({ ...place, name: input.name }))
  const accepting = places.filter(
    (place) => tried.outcomes.get(keyOf({ ...place, name: input.name }))?.outcome === 'done',
  )
  const check = () =>
    tried.run.mutate({
      asked: { what: 'create', input: { ...input, targets: [...places] }, isDryRun: true },
    })
  const create = (targets: readonly DeployPlace[]) => {
    const wanted = { ...input, targets: [...targets] }
    setCreated(targets)
    made.run.mutate({
      asked: { what: 'create', input: wanted, isDryRun: false },
      key: keyFor(wanted),
    })
  }
  const begin = useEffectEvent(check)
  useEffect(() => begin(), [])
  const isAsked = created === null
  const { outcomes, run } = isAsked ? tried : made
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={`Deploy ${input.name} to ${places.length} places`}
      closeOnClickOutside={false}
    >
      <Stack gap="md">
        <output>
          {isAsked
            ? run.isPending
              ? 'Every cluster is asked first. Nothing is created yet.'
              : `${accepting.length} of ${places.length} would take it. Nothing is created yet.`
            : describeProgress(outcomes.size, created.length, run.isPending)}
        </output>
        <OutcomeList
          targets={named(created ?? places)}
          outcomes={outcomes}
          isRunning={run.isPending}
          done={isAsked ? 'Would take it.' : 'Created.'}
        />
        {run.error !== null && (
          <ProblemNotice
            title={isAsked ? 'They could not all be asked' : 'Some outcomes are missing'}
            error={run.error}
          />
        )}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose} data-autofocus>
            {isAsked ? 'Cancel' : 'Close'}
          </Button>
          {isAsked && !run.isPending && accepting.length < places.length && (
            <Button variant="default" onClick={check}>
              Ask again
            </Button>
          )}
          {isAsked ? (
            <Button
              disabled={run.isPending || accepting.length === 0}
              onClick={() => create(accepting)}
            >
              Deploy to {accepting.length}
            </Button>
          ) : (
            // The same request under the same key: those that are done are not done again.
            <Button loading={run.isPending} onClick={() => create(created)}>
              Retry what failed
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  )
}

function describeProgress(heard: number, of: number, isRunning: boolean): string {
  return isRunning ? `${heard} of ${of} so far` : `${heard} of ${of} answered`
}
