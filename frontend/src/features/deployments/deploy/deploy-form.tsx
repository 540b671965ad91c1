import { Button, Stack, Text } from '@mantine/core'
import type { CreatedDeployment, Instance, NamespaceList } from '@hub/shared'
import { Suspense, useState } from 'react'
import { lazyNamed } from '../../../components/lazy-named.ts'
import { Notice } from '../../../components/notice.tsx'
import { CheckWords, Refused } from '../editor/check-words.tsx'
import { DraftEditor } from '../editor/draft-editor.tsx'
import { SizeFields } from '../editor/main-fields.tsx'
import { offerRuntimes } from '../editor/offers.ts'
import { Sections } from '../editor/sections.tsx'
import { describeMissingRoom } from '../gpu-room.ts'
import { ModelFields } from './model-fields.tsx'
import { readSize, summarize } from './size.ts'
import { areWhole, TargetsField, type OpenInstance } from './targets-field.tsx'
import { TemplateField } from './template-field.tsx'
import { useDeploy } from './use-deploy.ts'
import classes from '../editor/editor.module.css'

const DeployDialog = lazyNamed(() => import('./deploy-dialog.tsx'), 'DeployDialog')

export interface DeployFormProps {
  /** The principal of who types. */
  person: string
  instance: Instance
  namespaces: NamespaceList
  /** Where else the person may deploy. */
  elsewhere: readonly OpenInstance[]
  onDeployed: (deployment: CreatedDeployment) => void
  /** It went to several places. */
  onDeployedAll: () => void
}

/** A new deployment, as a form or as YAML, on this instance and perhaps on others. */
export function DeployForm(props: DeployFormProps) {
  const { elsewhere, instance, namespaces, onDeployed, onDeployedAll, person } = props
  const open = namespaces.items.filter(({ abilities }) => abilities.deploy).map(({ name }) => name)
  const { element, ...deploy } = useDeploy({
    draftKey: { person, instance: instance.id },
    apiGroup: instance.apiGroup,
    open,
    onDeployed,
  })
  const { at, check, create, input, others, state } = deploy
  const [isTargeting, setTargeting] = useState(false)
  const [isAsked, setAsked] = useState(false)
  const size = readSize(state.draft)
  const missingRoom = describeMissingRoom(size, instance.capacity)
  return (
    <form
      ref={element}
      noValidate
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault()
        setAsked(true)
        if (!state.isReadable || deploy.show() || !areWhole(others)) return
        if (others.length === 0) deploy.deploy()
        else setTargeting(true)
      }}
    >
      <Stack gap="md">
        <TemplateField
          templates={deploy.templates}
          chosen={deploy.template}
          onChoose={deploy.choose}
        />
        <DraftEditor
          state={state}
          errors={deploy.errors}
          onLeave={deploy.leave}
          lockOf={deploy.lockOf}
        >
          <ModelFields open={open} namespaces={namespaces} />
          <SizeFields runtimes={instance.runtimes} />
          <output className={classes.said}>
            {missingRoom !== null && <Notice tone="warning">{missingRoom}</Notice>}
          </output>
          <Sections runtimes={offerRuntimes(instance.runtimes)} />
        </DraftEditor>
        <TargetsField
          places={others}
          instances={elsewhere}
          namespace={at.namespace}
          isAsked={isAsked}
          onChange={deploy.setOthers}
        />
        {create.isError ? (
          <Refused error={create.error} />
        ) : (
          <CheckWords check={check} rest={deploy.rest} />
        )}
      </Stack>
      <div className={classes.footer}>
        <Text size="sm" c="dimmed" className={classes.summary}>
          {summarize(size, at, others.length)}
        </Text>
        <Button type="submit" loading={create.isPending}>
          Deploy
        </Button>
      </div>
      {isTargeting && input !== null && (
        <Suspense>
          <DeployDialog
            input={input}
            places={[at, ...others]}
            keyFor={deploy.keyFor}
            onClose={() => setTargeting(false)}
            onDone={() => {
              deploy.done()
              onDeployedAll()
            }}
          />
        </Suspense>
      )}
    </form>
  )
}
