import { Menu } from '@mantine/core'
import type { MenuContentProps } from '../menu-button.tsx'
import { isChosen, type Column, type ColumnChoice, type TableSort } from './column.ts'

export interface ColumnsMenuProps<Row> {
  columns: readonly Column<Row>[]
  choice: ColumnChoice
  onChoose: (choice: ColumnChoice) => void
  /** To sort by, where no heads are seen; null where they are. */
  sort: TableSort | null
  onSort: (sort: TableSort) => void
}

/** Which columns are shown, and by what rows are sorted where there are no heads to press. */
export function ColumnsMenu<Row>(props: ColumnsMenuProps<Row> & MenuContentProps) {
  const { columns, choice, onChoose, sort, onSort, target, opened, onChange } = props
  const sortable = columns.filter(({ sort: field }) => field !== undefined)
  return (
    <Menu width={220} position="bottom-end" opened={opened} onChange={onChange}>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        {sort === null ? (
          <>
            <Menu.Label>Columns, where space allows</Menu.Label>
            {columns.map((column) => (
              <Menu.CheckboxItem
                key={column.id}
                disabled={column.isFixed === true}
                checked={isChosen(column, choice)}
                onChange={(checked) => onChoose({ ...choice, [column.id]: checked })}
              >
                {column.label}
              </Menu.CheckboxItem>
            ))}
            <Menu.Divider />
            <Menu.Item onClick={() => onChoose({})}>Reset</Menu.Item>
          </>
        ) : (
          <>
            <Menu.Label>Sort by</Menu.Label>
            <Menu.RadioGroup
              value={sort.field}
              onChange={(value) => {
                const column = sortable.find((each) => each.sort === value)
                if (column) {
                  onSort({ field: value, descending: column.isDescendingFirst === true })
                }
              }}
            >
              {sortable.map(({ label, sort: field = '' }) => (
                <Menu.RadioItem key={field} value={field}>
                  {label}
                </Menu.RadioItem>
              ))}
            </Menu.RadioGroup>
            <Menu.Divider />
            <Menu.CheckboxItem
              checked={sort.descending}
              onChange={(descending) => onSort({ ...sort, descending })}
            >
              Reverse order
            </Menu.CheckboxItem>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
