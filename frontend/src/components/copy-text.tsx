import { ActionIcon, Code, Group, Tooltip, VisuallyHidden } from '@mantine/core'
import { CopyIcon } from './copy-icon.tsx'
import { copyWords, useCopy } from './use-copy.ts'

/** A text to hand on, selectable, with a button that copies it. `label` names it: "Copy principal". */
export function CopyText({ text, label }: { text: string; label: string }) {
  const { copy, state } = useCopy()
  const said = copyWords[state]
  return (
    <Group gap={6} wrap="nowrap" miw={0}>
      <Code fz="xs" style={{ overflowWrap: 'anywhere', userSelect: 'all' }}>
        {text}
      </Code>
      <Tooltip label={said || label}>
        <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={() => copy(text)}>
          <CopyIcon size={16} state={state} />
        </ActionIcon>
      </Tooltip>
      <VisuallyHidden aria-live="polite">{said}</VisuallyHidden>
    </Group>
  )
}
