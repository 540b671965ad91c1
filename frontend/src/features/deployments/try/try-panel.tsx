import type { Deployment } from '@hub/shared'
import { Button, Stack, Text } from '@mantine/core'
import { IconMessage } from '@tabler/icons-react'
import { useState } from 'react'
import { StateMessage } from '../../../components/state-message.tsx'
import type { DeploymentCoordinates } from '../queries.ts'
import { defaultSettings } from './chat-settings.ts'
import { isComing } from './conversation.ts'
import { isAnswering } from './is-answering.ts'
import { QuestionForm } from './question-form.tsx'
import { SettingsFields } from './settings-fields.tsx'
import { TargetField } from './target-field.tsx'
import { TurnList } from './turn-list.tsx'
import { useConversation } from './use-conversation.ts'
import { useFollowedEnd } from './use-followed-end.ts'

/** A model to talk to, alone or beside others. */
export function TryPanel({ deployment }: { deployment: Deployment }) {
  const { instance, name, namespace } = deployment
  const [targets, setTargets] = useState<DeploymentCoordinates[]>([{ instance, namespace, name }])
  const [settings, setSettings] = useState(defaultSettings)
  const { ask, askAgain, clear, stop, turns } = useConversation(settings)
  const isBusy = isComing(turns)
  useFollowedEnd(turns)
  if (turns.length === 0 && !isAnswering(deployment)) {
    return (
      <StateMessage icon={IconMessage} title={`${name} does not answer yet`}>
        {deployment.sentence} This page changes by itself once it does.
      </StateMessage>
    )
  }
  return (
    <Stack gap="md" maw={targets.length > 1 ? undefined : 860}>
      <TargetField targets={targets} onTargets={setTargets} />
      <SettingsFields settings={settings} onSettings={setSettings} />
      <TurnList turns={turns} targets={targets} onAgain={askAgain} />
      <QuestionForm
        isCompletion={settings.isCompletion}
        isComing={isBusy}
        onAsk={(question) => ask(question, targets)}
        onStop={stop}
      />
      <Text size="xs" c="dimmed">
        Nothing of this is kept: it is gone when you leave this page. The audit log has that you
        asked, and not what.{' '}
        {turns.length > 0 && (
          <Button variant="subtle" size="compact-xs" onClick={clear}>
            Start over
          </Button>
        )}
      </Text>
    </Stack>
  )
}
