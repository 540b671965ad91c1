import { ActionIcon, Button, Input } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useId, type ReactNode } from 'react'
import { useField } from './draft-fields.ts'
import classes from './editor.module.css'

export interface RowsAtProps {
  at: string
  label: string
  description?: string
  /** What one of them is called: "variable". */
  noun: string
  /** What a new one begins with. */
  empty: Readonly<Record<string, unknown>>
  /** The fields of one, by its pointer and what it is called: "Variable 2". */
  children: (pointer: string, name: string) => ReactNode
}

/** A list of objects, a row each. */
export function RowsAt({ at, children, description, empty, label, noun }: RowsAtProps) {
  const { error, lock, set, value } = useField(at)
  const id = useId()
  const rows: unknown[] = Array.isArray(value) ? value : []
  const called = (index: number) => `${noun} ${index + 1}`
  return (
    <fieldset className={classes.group} aria-describedby={id} disabled={lock !== null}>
      <legend className={classes.legend}>{label}</legend>
      {(lock ?? description) && (
        <Input.Description id={id}>{lock ?? description}</Input.Description>
      )}
      {rows.map((_, index) => (
        // A row is what its place is: they are neither sorted nor moved.
        <div key={index} className={classes.row}>
          <div className={classes.rowFields}>{children(`${at}/${index}`, called(index))}</div>
          <ActionIcon
            variant="subtle"
            color="gray"
            className={classes.remove}
            aria-label={`Remove ${called(index)}`}
            onClick={() => set(rows.length === 1 ? undefined : rows.toSpliced(index, 1))}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </div>
      ))}
      {rows.length === 0 && error && <Input.Error>{error}</Input.Error>}
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} />}
        onClick={() => set([...rows, { ...empty }])}
      >
        Add {noun}
      </Button>
    </fieldset>
  )
}
