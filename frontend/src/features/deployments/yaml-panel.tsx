import type { Deployment } from '@hub/shared'
import { Button, Group, SegmentedControl, Skeleton, Stack, Text } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { CodeBlock } from '../../components/code-block.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Notice } from '../../components/notice.tsx'
import { manifestQuery } from './changes/queries.ts'

/** The object as somebody would apply it, to read, to copy and to take along. */
export function YamlPanel({ deployment }: { deployment: Deployment }) {
  const manifest = useQuery(manifestQuery(deployment, deployment.resourceVersion))
  const [form, setForm] = useState<'yaml' | 'kubectl'>('yaml')
  return (
    <Loaded
      query={manifest}
      title="The manifest could not be read"
      placeholder={<Skeleton height={320} aria-hidden />}
    >
      {({ isMasked, kubectl, yaml }) => (
        <Stack gap="sm">
          <Group justify="space-between" gap="sm">
            <SegmentedControl
              aria-label="Show as"
              size="xs"
              data={[
                { value: 'yaml', label: 'Manifest' },
                { value: 'kubectl', label: 'kubectl command' },
              ]}
              value={form}
              onChange={(value) => setForm(value === 'kubectl' ? 'kubectl' : 'yaml')}
            />
            <Button
              variant="default"
              size="xs"
              leftSection={<IconDownload size={14} />}
              onClick={() => download(`${deployment.name}.yaml`, yaml)}
            >
              Download
            </Button>
          </Group>
          {isMasked && (
            <Notice tone="neutral" title="Values of variables are left out">
              They are shown to people who may change the deployment.
            </Notice>
          )}
          {form === 'yaml' ? (
            <CodeBlock label="Manifest" text={yaml} language="yaml" isWhole />
          ) : (
            <CodeBlock label="kubectl command" text={kubectl} language="bash" isWhole />
          )}
          <Text size="sm" c="dimmed">
            As kubectl would apply it, without the fields that the cluster writes.
          </Text>
        </Stack>
      )}
    </Loaded>
  )
}

function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}
