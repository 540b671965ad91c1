import { Button, Collapse, Stack } from '@mantine/core'
import { IconChevronRight } from '@tabler/icons-react'
import { useId, useState, type ReactNode } from 'react'
import { isAt, valueAt } from './draft.ts'
import { useDraftFields } from './draft-fields.ts'
import classes from './editor.module.css'

export interface FoldedSectionProps {
  title: string
  /** The fields in it, as pointers: it is open where one is set, or wrong. */
  of: readonly string[]
  children: ReactNode
}

/** What most deployments leave to the instance, folded away until somebody wants it. */
export function FoldedSection({ children, of, title }: FoldedSectionProps) {
  const { draft, errors } = useDraftFields()
  const [isWanted, setWanted] = useState(() =>
    of.some((pointer) => valueAt(draft, pointer) !== undefined),
  )
  const isWrong = errors.some((error) => of.some((pointer) => isAt(pointer, error)))
  const isOpen = isWanted || isWrong
  const id = useId()
  return (
    <div className={classes.section}>
      <Button
        type="button"
        variant="subtle"
        size="compact-sm"
        className={classes.toggle}
        aria-expanded={isOpen}
        aria-controls={id}
        leftSection={<IconChevronRight size={16} className={classes.chevron} data-open={isOpen} />}
        onClick={() => setWanted(!isOpen)}
      >
        {title}
      </Button>
      <Collapse expanded={isOpen} id={id}>
        {isOpen && (
          <Stack gap="md" className={classes.folded}>
            {children}
          </Stack>
        )}
      </Collapse>
    </div>
  )
}
