import { Button, Group, Stack, Text } from '@mantine/core'
import type { CreatedApiToken } from '@hub/shared'
import { CodeBlock } from '../../components/code-block.tsx'
import { CopyText } from '../../components/copy-text.tsx'
import { Notice } from '../../components/notice.tsx'
import classes from './access.module.css'

export interface CreatedTokenProps {
  created: CreatedApiToken
  isForAgent?: boolean
  onDone: () => void
}

/** The one time that the secret is seen. */
export function CreatedToken({ created, isForAgent = false, onDone }: CreatedTokenProps) {
  return (
    <Stack gap="md">
      <Notice tone="warning" role="alert" title="Copy it now">
        The hub keeps no copy of “{created.token.name}” and cannot show it again.
      </Notice>
      <div className={classes.secret}>
        <CopyText text={created.secret} label="Copy token" />
      </div>
      <Text size="sm">
        {isForAgent
          ? 'Give it to the agent’s client, which asks for it or reads it from its environment:'
          : 'Send it with each request:'}
      </Text>
      <CodeBlock
        label="An example"
        language="bash"
        text={
          isForAgent
            ? `export HUB_TOKEN='${created.secret}'`
            : `curl --header 'Authorization: Bearer ${created.secret}' ${window.location.origin}${created.token.isUseOnly ? '/v1/models' : '/api/instances'}`
        }
      />
      <Group justify="flex-end">
        <Button onClick={onDone}>I have copied it</Button>
      </Group>
    </Stack>
  )
}
