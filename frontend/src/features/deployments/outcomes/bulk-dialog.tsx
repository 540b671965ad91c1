import { Button, Group, Modal, NumberInput, Stack, Text } from '@mantine/core'
import type { ChangeDeploymentsInput, Deployment } from '@hub/shared'
import { useState } from 'react'
import { ProblemNotice } from '../../../components/problem-notice.tsx'
import { makeRequestKey } from '../../../lib/api/request-key.ts'
import { doneWords, listAllowed, meanings, nameBulk } from './bulk-words.ts'
import { OutcomeList } from './outcome-list.tsx'
import { useTargets } from './use-targets.ts'

export interface BulkDialogProps {
  action: ChangeDeploymentsInput['action']
  selected: readonly Deployment[]
  onClose: () => void
}

/** Spells out what is about to be changed, then tells of each what came of it. */
export function BulkDialog({ action, onClose, selected }: BulkDialogProps) {
  const targets = listAllowed(selected, action)
  const [replicas, setReplicas] = useState<number | ''>(1)
  const [key] = useState(makeRequestKey)
  const { outcomes, run } = useTargets()
  const isSent = !run.isIdle
  const failed = [...outcomes.values()].filter(({ outcome }) => outcome !== 'done').length
  const isDone = run.isSuccess && failed === 0
  const canSend = action !== 'scale' || (replicas !== '' && replicas >= 1 && replicas <= 32)
  const start = () =>
    run.mutate({
      // Again the same under the same key: those that are done are not done again.
      key,
      asked: {
        what: 'change',
        input: {
          action,
          ...(action === 'scale' && replicas !== '' && { replicas }),
          deployments: targets.map(({ instance, name, namespace, uid }) => ({
            instance,
            namespace,
            name,
            uid,
          })),
        },
      },
    })
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={nameBulk(action, targets.length)}
      closeOnClickOutside={!run.isPending}
    >
      <Stack gap="md">
        <Text size="sm">{meanings[action]}</Text>
        {targets.length < selected.length && (
          <Text size="sm" c="dimmed">
            You may not do this to {selected.length - targets.length} of those selected: nothing
            changes there.
          </Text>
        )}
        {action === 'scale' && (
          <NumberInput
            label="Replicas"
            min={1}
            max={32}
            allowDecimal={false}
            disabled={isSent}
            value={replicas}
            error={!canSend && 'must be 1 to 32'}
            onChange={(value) => setReplicas(typeof value === 'number' ? value : '')}
          />
        )}
        <OutcomeList
          targets={targets}
          outcomes={outcomes}
          isRunning={run.isPending}
          done={doneWords[action]}
        />
        <output>
          {isSent && `${outcomes.size - failed} of ${targets.length} done`}
          {failed > 0 && `, ${failed} not`}
        </output>
        {run.error !== null && (
          <ProblemNotice title="Some outcomes are missing" error={run.error} onProved={start} />
        )}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose} data-autofocus>
            {isSent ? 'Close' : 'Cancel'}
          </Button>
          {!isDone && (
            <Button
              {...(action === 'delete' && { color: 'red.9' })}
              loading={run.isPending}
              disabled={!canSend || targets.length === 0}
              onClick={start}
            >
              {isSent ? 'Retry what failed' : nameBulk(action, targets.length)}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  )
}
