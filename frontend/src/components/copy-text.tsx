import { ActionIcon, Code, CopyButton, Group, Tooltip, VisuallyHidden } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'

/** A text to hand on, selectable, with a button that copies it. `label` names it: "Copy principal". */
export function CopyText({ text, label }: { text: string; label: string }) {
  return (
    <Group gap={6} wrap="nowrap" miw={0}>
      <Code fz="xs" style={{ overflowWrap: 'anywhere', userSelect: 'all' }}>
        {text}
      </Code>
      <CopyButton value={text} timeout={2000}>
        {({ copied, copy }) => (
          <>
            <Tooltip label={copied ? 'Copied' : label}>
              <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={copy}>
                {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
              </ActionIcon>
            </Tooltip>
            <VisuallyHidden aria-live="polite">{copied ? 'Copied' : ''}</VisuallyHidden>
          </>
        )}
      </CopyButton>
    </Group>
  )
}
