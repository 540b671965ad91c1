import { Stack } from '@mantine/core'
import type { Capacity, Deployment, NamespaceList } from '@hub/shared'
import { Notice } from '../../components/notice.tsx'
import { AdvancedFields } from './advanced-fields.tsx'
import { AttemptNotice } from './attempt-notice.tsx'
import { DeployFooter } from './deploy-footer.tsx'
import { describeMissingRoom } from './gpu-room.ts'
import { ModelFields } from './model-fields.tsx'
import { useDeployForm } from './use-deploy-form.ts'
import classes from './deploy-form.module.css'

export interface DeployFormProps {
  /** The principal of who types. */
  person: string
  instance: string
  namespaces: NamespaceList
  capacity: Capacity
  onDeployed: (deployment: Deployment) => void
}

export function DeployForm({
  person,
  instance,
  namespaces,
  capacity,
  onDeployed,
}: DeployFormProps) {
  const open = namespaces.items.filter(({ abilities }) => abilities.deploy).map(({ name }) => name)
  const draftKey = { person, instance }
  const { form, element, attempt, submit, ...advanced } = useDeployForm({
    draftKey,
    open,
    onDeployed,
  })
  const missingRoom = describeMissingRoom(form.values, capacity)
  const pending = !attempt.isPending ? null : attempt.variables.checkOnly ? 'check' : 'deploy'
  return (
    <form
      ref={element}
      noValidate
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault()
        submit(false)
      }}
    >
      <Stack gap="md">
        <ModelFields form={form} open={open} namespaces={namespaces} />
        <output className={classes.room}>
          {missingRoom !== null && <Notice tone="warning">{missingRoom}</Notice>}
        </output>
        <AdvancedFields
          form={form}
          isOpen={advanced.isAdvanced}
          onToggle={advanced.toggleAdvanced}
        />
        <AttemptNotice attempt={attempt} />
      </Stack>
      <DeployFooter
        values={form.values}
        instance={instance}
        pending={pending}
        onCheck={() => submit(true)}
      />
    </form>
  )
}
