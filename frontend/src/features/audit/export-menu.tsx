import { Button, Menu } from '@mantine/core'
import { AuditExportFormat, type AuditFilter } from '@hub/shared'
import { IconChevronDown, IconDownload } from '@tabler/icons-react'
import { auditExportPath } from './queries.ts'

const formats: Record<AuditExportFormat, string> = {
  jsonl: 'JSON Lines, with every field',
  csv: 'CSV, for a spreadsheet',
  pipe: 'Text, one line per row',
}

/** Ways to download the rows that match. */
export function ExportMenu({ filter }: { filter: AuditFilter }) {
  const isFiltered = Object.keys(filter).length > 0
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<IconDownload size={16} />}
          rightSection={<IconChevronDown size={16} />}
        >
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {isFiltered ? 'The rows that match these filters' : 'All rows'}, oldest first
        </Menu.Label>
        {AuditExportFormat.options.map((format) => (
          <Menu.Item key={format} component="a" href={auditExportPath(filter, format)} download>
            {formats[format]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
