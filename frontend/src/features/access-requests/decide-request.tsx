import { Button, Group, Modal, Select, Stack, Text, Textarea } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { AccessRequestOfUser } from '@hub/shared'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ProblemNotice } from '../../components/problem-notice.tsx'
import { describeMinutes, describeRole } from '../../lib/access/words.ts'
import { approveRequest, refuseRequest } from '../../lib/api/admin-client.ts'
import { readFieldErrors } from '../../lib/access/scope-input.ts'
import { accessRequestsKey } from './queries.ts'
import { lengthChoices } from './request-words.ts'
import form from '../../components/form.module.css'

interface DecisionProps {
  request: AccessRequestOfUser
}

export function ApproveRequest({ request }: DecisionProps) {
  const [opened, { open, close }] = useDisclosure(false)
  const { displayName } = request.user
  return (
    <>
      <Button
        size="xs"
        aria-label={`Approve ${describeRole(request)} for ${displayName}`}
        onClick={open}
      >
        Approve
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={`Approve the request of ${displayName}?`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <ApproveForm request={request} onDone={close} />
      </Modal>
    </>
  )
}

export function RefuseRequest({ request }: DecisionProps) {
  const [opened, { open, close }] = useDisclosure(false)
  const { displayName } = request.user
  return (
    <>
      <Button
        variant="default"
        size="xs"
        aria-label={`Refuse ${describeRole(request)} for ${displayName}`}
        onClick={open}
      >
        Refuse
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={`Refuse the request of ${displayName}?`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <RefuseForm request={request} onDone={close} />
      </Modal>
    </>
  )
}

function ApproveForm({ request, onDone }: DecisionProps & { onDone: () => void }) {
  const { id, minutes: asked, user } = request
  const client = useQueryClient()
  const [minutes, setMinutes] = useState(String(asked))
  const [note, setNote] = useState('')
  const approving = useMutation({
    mutationFn: () =>
      approveRequest(id, {
        ...(Number(minutes) !== asked && { minutes: Number(minutes) }),
        ...(note.trim() !== '' && { reason: note.trim() }),
      }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: accessRequestsKey })
      void client.invalidateQueries({ queryKey: ['grants'] })
      onDone()
    },
  })
  return (
    <form
      noValidate
      className={form.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (!approving.isPending) approving.mutate()
      }}
    >
      <Stack gap="md">
        <Text size="sm">
          {user.displayName} gets <strong>{describeRole(request)}</strong> at once, for{' '}
          {describeMinutes(Number(minutes))} from now on. It ends by itself.
        </Text>
        <Select
          label="For how long"
          description={`Asked for: ${describeMinutes(asked)}`}
          allowDeselect={false}
          data={lengthChoices(asked)}
          value={minutes}
          error={readFieldErrors(approving.error)['minutes']}
          onChange={(value) => setMinutes(value ?? String(asked))}
        />
        <Textarea
          label="Note"
          description={`${user.displayName} reads it; you may leave it empty`}
          rows={2}
          maxLength={1000}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        {approving.isError && <ProblemNotice title="Not approved" error={approving.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={approving.isPending}>
            Approve for {describeMinutes(Number(minutes))}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function RefuseForm({ request, onDone }: DecisionProps & { onDone: () => void }) {
  const { id, user } = request
  const client = useQueryClient()
  const [reason, setReason] = useState('')
  const [isMissing, setMissing] = useState(false)
  const refusing = useMutation({
    mutationFn: () => refuseRequest(id, { reason: reason.trim() }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: accessRequestsKey })
      onDone()
    },
  })
  return (
    <form
      noValidate
      className={form.form}
      onSubmit={(event) => {
        event.preventDefault()
        setMissing(reason.trim() === '')
        if (reason.trim() !== '' && !refusing.isPending) refusing.mutate()
      }}
    >
      <Stack gap="md">
        <Text size="sm">
          {user.displayName} asked for <strong>{describeRole(request)}</strong>, and may ask again.
        </Text>
        <Textarea
          label="Why not"
          description={`${user.displayName} reads it`}
          aria-required
          data-autofocus
          rows={3}
          maxLength={1000}
          value={reason}
          error={isMissing ? 'Say why, so that they know what to do.' : null}
          onChange={(event) => {
            setReason(event.currentTarget.value)
            setMissing(false)
          }}
        />
        {refusing.isError && <ProblemNotice title="Not refused" error={refusing.error} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" color="red.9" loading={refusing.isPending}>
            Refuse
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
