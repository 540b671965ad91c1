import { Button } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import type { Deployment } from '@hub/shared'
import { IconCheck, IconCopy } from '@tabler/icons-react'

/** The selected ones as text, a line each, as kubectl's and people's words name them. */
export function CopyNames({ deployments }: { deployments: readonly Deployment[] }) {
  const clipboard = useClipboard()
  const text = deployments
    .map(({ instance, name, namespace }) => `${instance}/${namespace}/${name}`)
    .join('\n')
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={clipboard.copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
      onClick={() => clipboard.copy(text)}
    >
      <span aria-live="polite">{clipboard.copied ? 'Copied' : 'Copy names'}</span>
    </Button>
  )
}
