import { Button, Group, Stack, Text } from '@mantine/core'
import type { Deployment, DeploymentManifest, Runtime } from '@hub/shared'
import { useEffect, useEffectEvent, useState, type ReactNode } from 'react'
import { Notice } from '../../../components/notice.tsx'
import { CheckWords } from '../editor/check-words.tsx'
import { DraftEditor } from '../editor/draft-editor.tsx'
import { MainFields } from '../editor/main-fields.tsx'
import { offerRuntimes } from '../editor/offers.ts'
import { Sections } from '../editor/sections.tsx'
import { keep } from '../../../lib/kept.ts'
import { useCheck } from '../editor/use-check.ts'
import { useDraft } from '../editor/use-draft.ts'
import { useErrors } from '../editor/use-errors.ts'
import { readEdit } from './edit-draft.ts'
import { keyOfEdit, type KeptEdit } from './kept-edit.ts'
import { rebaseManifest } from './merge-patch.ts'
import { questionOfChange } from './question.ts'
import { ReviewDialog } from './review-dialog.tsx'
import classes from '../editor/editor.module.css'

export interface EditDeploymentProps {
  /** The principal of who types. */
  person: string
  deployment: Deployment
  /** Those of its instance; null where they are not known. */
  runtimes: readonly Runtime[] | null
  /** Why it cannot be changed any longer; null while it can. */
  closed: ReactNode | null
  /** Whether something is written that is not sent. */
  onWritten: (isWritten: boolean) => void
  /** Where to go when it is done, or given up. */
  onLeave: () => void
}

export interface EditFormProps extends EditDeploymentProps {
  /** What the change is made of. */
  base: DeploymentManifest
  /** What was written before the page went away; null where nothing was. */
  kept: KeptEdit | null
  onBase: (base: DeploymentManifest) => void
}

/** The same fields and the same text as for a new deployment, of one that is there. */
export function EditForm(props: EditFormProps) {
  const { base, closed, deployment, kept, onBase, onLeave, onWritten, person, runtimes } = props
  const state = useDraft(
    () => kept ?? { draft: base.manifest, mode: 'form', typed: null },
    () => {},
  )
  const edit = readEdit(base.manifest, state.draft)
  const isChange = state.isReadable && edit.patch !== null
  const isInPlace = isChange && edit.errors.length === 0 && edit.immutable.length === 0
  const isWritten = isChange || !state.isReadable
  const keptAs = keyOfEdit(person, deployment)
  const { draft, mode, typed } = state
  const tell = useEffectEvent(onWritten)
  useEffect(() => {
    const written: KeptEdit = { draft, mode, typed, base }
    keep(keptAs, isWritten ? written : null)
    tell(isWritten)
  }, [base, draft, isWritten, keptAs, mode, typed])
  const finish = () => {
    keep(keptAs, null)
    onLeave()
  }
  const question =
    isInPlace && closed === null ? questionOfChange(deployment, base.version, edit.patch) : null
  const check = useCheck(question)
  const { element, errors, leave, rest, show } = useErrors(edit.errors, check.error)
  const [isReviewing, setReviewing] = useState(false)
  return (
    <form
      ref={element}
      noValidate
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (!isChange || closed !== null || show()) return
        setReviewing(true)
      }}
    >
      <Stack gap="md">
        <output className={classes.said}>{closed}</output>
        <DraftEditor state={state} errors={errors} onLeave={leave}>
          <MainFields runtimes={runtimes} />
          <Sections runtimes={offerRuntimes(runtimes)} />
        </DraftEditor>
        {edit.immutable.length > 0 && (
          <Notice tone="warning" title="This cannot be changed in place">
            {edit.immutable.map((pointer) => pointer.slice(1).replaceAll('/', '.')).join(', ')}: the
            deployment has to be deleted and created again. You see what that means first.
          </Notice>
        )}
        <CheckWords check={check} rest={rest} />
      </Stack>
      <div className={classes.footer}>
        <Text size="sm" c="dimmed" className={classes.summary}>
          {edit.patch === null ? 'Nothing is changed yet.' : 'You see what changes before it does.'}
        </Text>
        <Group gap="sm" wrap="nowrap">
          <Button variant="default" onClick={finish}>
            Cancel
          </Button>
          <Button type="submit" disabled={!isChange || closed !== null}>
            Review changes
          </Button>
        </Group>
      </div>
      <ReviewDialog
        opened={isReviewing}
        onClose={() => setReviewing(false)}
        deployment={deployment}
        base={base}
        edit={edit}
        onDone={finish}
        onRebase={(theirs, choice) => {
          state.replace(
            choice === 'theirs'
              ? theirs.manifest
              : rebaseManifest(base.manifest, edit.mine, theirs.manifest),
          )
          onBase(theirs)
          if (choice === 'theirs') setReviewing(false)
        }}
      />
    </form>
  )
}
