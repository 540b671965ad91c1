import type { Template } from '@hub/shared'
import { useMutation } from '@tanstack/react-query'
import { DialogForm } from '../../../components/dialog-form.tsx'
import { KeptDialog, useKept, type DialogState } from '../../../components/kept-dialog.tsx'
import { DraftEditor } from '../editor/draft-editor.tsx'
import { MainFields } from '../editor/main-fields.tsx'
import { offerRuntimes } from '../editor/offers.ts'
import { Sections } from '../editor/sections.tsx'
import { useDraft, type WrittenDraft } from '../editor/use-draft.ts'
import { useErrors } from '../editor/use-errors.ts'
import { saveTemplateMutation } from './queries.ts'
import { TemplateFields } from './template-fields.tsx'
import { readTemplate, toTemplateValues, type TemplateValues } from './read-template.ts'

export interface TemplateDialogProps {
  dialog: DialogState
  instances: readonly string[]
}

/** A configuration to keep: what it sets, as a form or as YAML, and what it leaves open. */
export function TemplateDialog({ dialog, instances }: TemplateDialogProps) {
  const template = dialog.fields.read<Template | null>('template', null) ?? undefined
  return (
    <KeptDialog
      dialog={dialog}
      size="xl"
      title={template === undefined ? 'New template' : `Change ${template.title}`}
      closeOnClickOutside={false}
    >
      <TemplateForm template={template} instances={instances} onDone={dialog.close} />
    </KeptDialog>
  )
}

function TemplateForm({
  template,
  instances,
  onDone,
}: {
  /** The one to change; without it a new one is made. */
  template: Template | undefined
  instances: readonly string[]
  onDone: () => void
}) {
  const [values, setValues] = useKept('values', toTemplateValues(template))
  const save = useMutation({ ...saveTemplateMutation(template?.id), onSuccess: onDone })
  const forget = () => {
    if (!save.isIdle && !save.isPending) save.reset()
  }
  const [begun, keepDraft] = useKept<WrittenDraft>('draft', {
    draft: {
      apiVersion: 'airunway.ai/v1alpha1',
      kind: 'ModelDeployment',
      metadata: {},
      spec: template?.spec ?? {},
    },
    mode: 'form',
    typed: null,
  })
  const state = useDraft(
    () => begun,
    (written) => {
      keepDraft(written)
      forget()
    },
  )
  const { errors: wrong, input } = readTemplate(values, state.draft)
  const { errors, leave, show } = useErrors(wrong, save.error)
  const change = (part: Partial<TemplateValues>) => {
    setValues({ ...values, ...part })
    forget()
  }
  return (
    <DialogForm
      error={save.error}
      errorTitle="The template was not saved"
      action="Save template"
      isPending={save.isPending}
      onCancel={onDone}
      onSubmit={() => {
        if (state.isReadable && !show() && input !== null) save.mutate(input)
      }}
    >
      <TemplateFields
        values={values}
        isNew={template === undefined}
        instances={instances}
        errors={errors}
        onChange={change}
      />
      <DraftEditor state={state} errors={errors} onLeave={leave}>
        <MainFields runtimes={null} />
        <Sections runtimes={offerRuntimes(null)} />
      </DraftEditor>
    </DialogForm>
  )
}
