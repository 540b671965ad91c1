import { Button, Group, Skeleton, Table, Text, VisuallyHidden } from '@mantine/core'
import type { Template } from '@hub/shared'
import { IconPlus, IconTemplate } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Suspense } from 'react'
import { ConfirmButton } from '../../../components/confirm-button.tsx'
import { useKeptDialog } from '../../../components/kept-dialog.tsx'
import { lazyNamed } from '../../../components/lazy-named.ts'
import { Loaded } from '../../../components/loaded.tsx'
import { PageHeader } from '../../../components/page-header.tsx'
import { usePageTitle } from '../../../components/page-name.ts'
import { StateMessage } from '../../../components/state-message.tsx'
import { deleteTemplateMutation, templatesQuery } from './queries.ts'
import table from '../../../components/table.module.css'

const TemplateDialog = lazyNamed(() => import('./template-dialog.tsx'), 'TemplateDialog')

/** The configurations that administrators keep for who deploys. */
export function TemplatesPage({ instances }: { instances: readonly string[] }) {
  usePageTitle('Templates')
  const templates = useQuery(templatesQuery())
  const dialog = useKeptDialog('template')
  return (
    <>
      <PageHeader
        title="Templates"
        below="Configurations to deploy from, with what a deployer may still set"
        actions={
          <Button leftSection={<IconPlus size={16} />} onClick={dialog.open}>
            New template
          </Button>
        }
      />
      <Loaded
        query={templates}
        title="The templates could not be loaded"
        placeholder={<Skeleton height={160} aria-hidden />}
      >
        {({ items }) =>
          items.length === 0 ? (
            <StateMessage icon={IconTemplate} title="There is no template yet">
              Keep a configuration that is known to work. Deployers start from it, and set only what
              you leave open, even on instances whose policy would refuse them the rest.
            </StateMessage>
          ) : (
            <TemplateTable items={items} onEdit={(template) => dialog.openWith({ template })} />
          )
        }
      </Loaded>
      {dialog.opened && (
        <Suspense>
          <TemplateDialog dialog={dialog} instances={instances} />
        </Suspense>
      )}
    </>
  )
}

function TemplateTable({
  items,
  onEdit,
}: {
  items: readonly Template[]
  onEdit: (template: Template) => void
}) {
  return (
    <Table className={table.table} verticalSpacing={10} horizontalSpacing="md">
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">Template</Table.Th>
          <Table.Th scope="col" visibleFrom="sm">
            For
          </Table.Th>
          <Table.Th scope="col" visibleFrom="sm">
            Open
          </Table.Th>
          <Table.Th scope="col">
            <VisuallyHidden>Actions</VisuallyHidden>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {items.map((template) => (
          <Table.Tr key={template.id}>
            <Table.Td>
              <Text fw={500}>{template.title}</Text>
              <Text size="xs" c="dimmed" ff="monospace">
                {template.id}
              </Text>
              {template.source === 'config' && (
                <Text size="xs" c="dimmed">
                  From the configuration file: change it there
                </Text>
              )}
            </Table.Td>
            <Table.Td visibleFrom="sm">
              {template.instanceIds?.join(', ') ?? 'Every instance'}
            </Table.Td>
            <Table.Td visibleFrom="sm">
              {template.open.length === 0 ? 'Nothing' : template.open.join(', ')}
            </Table.Td>
            <Table.Td>
              {template.source === 'manual' && (
                <Group gap="xs" justify="flex-end">
                  <Button
                    variant="default"
                    size="xs"
                    aria-label={`Change ${template.title}`}
                    onClick={() => onEdit(template)}
                  >
                    Change
                  </Button>
                  <ConfirmButton
                    label="Delete"
                    ariaLabel={`Delete ${template.title}`}
                    title={`Delete the template ${template.title}?`}
                    action="Delete template"
                    isDestructive
                    mutation={deleteTemplateMutation(template.id)}
                  >
                    Nobody can deploy from it any more. What was deployed from it stays as it is.
                  </ConfirmButton>
                </Group>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
