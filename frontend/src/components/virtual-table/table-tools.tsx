import { IconArrowsSort, IconColumns3, IconLayoutSidebarRight } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { lazyNamed } from '../lazy-named.ts'
import { MenuButton } from '../menu-button.tsx'
import type { ColumnsMenuProps } from './columns-menu.tsx'
import { PlainButton } from '../plain-button.tsx'
import classes from './virtual-table.module.css'

const loadMenu = () => import('./columns-menu.tsx')
// `lazy` forgets the type of a row.
const ColumnsMenu = lazyNamed(
  loadMenu,
  'ColumnsMenu',
) as unknown as typeof import('./columns-menu.tsx').ColumnsMenu

export interface TableToolsProps<Row> extends ColumnsMenuProps<Row> {
  /** How many rows there are, in words. */
  counted: string
  tools: ReactNode
  /** Null where there is no room for one. */
  preview: { isOpen: boolean; onToggle: () => void } | null
}

/** Above the rows: how many there are, and how they are shown. */
export function TableTools<Row>({ counted, tools, preview, ...menu }: TableToolsProps<Row>) {
  const Icon = menu.sort === null ? IconColumns3 : IconArrowsSort
  return (
    <div className={classes.tools}>
      <output className={classes.counted}>{counted}</output>
      {tools}
      {preview && (
        <PlainButton
          className={classes.tool}
          aria-pressed={preview.isOpen}
          onClick={preview.onToggle}
        >
          <IconLayoutSidebarRight size={16} aria-hidden />
          Preview
        </PlainButton>
      )}
      <MenuButton
        label={menu.sort === null ? 'Columns' : 'Sort'}
        button={<Icon size={16} aria-hidden />}
        onIntent={() => void loadMenu()}
      >
        {(content) => <ColumnsMenu {...menu} {...content} />}
      </MenuButton>
    </div>
  )
}
