import { Button, Group, Stack, Text } from '@mantine/core'
import type { Deployment, DeploymentManifest, Runtime } from '@hub/shared'
import { useState } from 'react'
import { Notice } from '../../../components/notice.tsx'
import { CheckWords } from '../editor/check-words.tsx'
import { DraftEditor } from '../editor/draft-editor.tsx'
import { MainFields } from '../editor/main-fields.tsx'
import { offerRuntimes } from '../editor/offers.ts'
import { Sections } from '../editor/sections.tsx'
import { useCheck } from '../editor/use-check.ts'
import { useDraft } from '../editor/use-draft.ts'
import { useErrors } from '../editor/use-errors.ts'
import { readEdit } from './edit-draft.ts'
import { rebaseManifest } from './merge-patch.ts'
import { questionOfChange } from './question.ts'
import { ReviewDialog } from './review-dialog.tsx'
import classes from '../editor/editor.module.css'

export interface EditDeploymentProps {
  deployment: Deployment
  /** Those of its instance; null where they are not known. */
  runtimes: readonly Runtime[] | null
  /** Where to go when it is done, or given up. */
  onLeave: () => void
}

export interface EditFormProps extends EditDeploymentProps {
  /** What the change is made of. */
  base: DeploymentManifest
  onBase: (base: DeploymentManifest) => void
}

/** The same fields and the same text as for a new deployment, of one that is there. */
export function EditForm({ base, deployment, onBase, onLeave, runtimes }: EditFormProps) {
  const state = useDraft(
    () => ({ draft: base.manifest, mode: 'form', typed: null }),
    () => {},
  )
  const edit = readEdit(base.manifest, state.draft)
  const isChange = state.isReadable && edit.patch !== null
  const isInPlace = isChange && edit.errors.length === 0 && edit.immutable.length === 0
  const question = isInPlace ? questionOfChange(deployment, base.version, edit.patch) : null
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
        if (!isChange || show()) return
        setReviewing(true)
      }}
    >
      <Stack gap="md">
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
          <Button variant="default" onClick={onLeave}>
            Cancel
          </Button>
          <Button type="submit" disabled={!isChange}>
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
        onDone={onLeave}
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
