import { Breadcrumbs } from '@mantine/core'
import { IconChevronRight } from '@tabler/icons-react'
import type { ReactNode } from 'react'

/** The way back up from a page: links, outermost first. */
export function Trail({ children }: { children: ReactNode }) {
  return (
    <nav aria-label="Breadcrumb">
      <Breadcrumbs
        separator={<IconChevronRight size={14} aria-hidden />}
        separatorMargin={4}
        mb={8}
        fz="sm"
        style={{ flexWrap: 'wrap' }}
      >
        {children}
      </Breadcrumbs>
    </nav>
  )
}
