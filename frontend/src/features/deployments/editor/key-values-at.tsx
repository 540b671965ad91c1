import { ActionIcon, Button, Input, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useId, useState } from 'react'
import { isEqual } from '../changes/merge-patch.ts'
import { isFields } from './draft.ts'
import { useField } from './draft-fields.ts'
import classes from './editor.module.css'

export interface KeyValuesAtProps {
  at: string
  label: string
  description?: string
  /** What one is called: "label". */
  noun: string
  keyPlaceholder?: string
}

type Pair = readonly [key: string, value: string]

/** Names with a value each. Rows are held as they are typed: two of one name are no object yet. */
export function KeyValuesAt({ at, description, keyPlaceholder, label, noun }: KeyValuesAtProps) {
  const { error, leave, lock, set, value } = useField(at)
  const id = useId()
  const [typed, setTyped] = useState<readonly Pair[]>([])
  const given = isFields(value) ? value : {}
  const rows = isEqual(toFields(typed), given) ? typed : toPairs(given)
  const change = (next: readonly Pair[]) => {
    setTyped(next)
    const fields = toFields(next)
    set(Object.keys(fields).length === 0 ? undefined : fields)
  }
  return (
    <fieldset className={classes.group} aria-describedby={id} disabled={lock !== null}>
      <legend className={classes.legend}>{label}</legend>
      {(lock ?? description) && (
        <Input.Description id={id}>{lock ?? description}</Input.Description>
      )}
      {rows.map(([key, text], index) => (
        <div key={index} className={classes.row}>
          <div className={classes.rowFields}>
            <TextInput
              aria-label={`Name of ${noun} ${index + 1}`}
              placeholder={keyPlaceholder}
              spellCheck={false}
              error={
                rows.some((row, other) => other < index && row[0] === key && key !== '') &&
                'is there already'
              }
              value={key}
              onBlur={leave}
              onChange={({ currentTarget }) =>
                change(rows.with(index, [currentTarget.value, text]))
              }
            />
            <TextInput
              aria-label={`Value of ${noun} ${index + 1}`}
              spellCheck={false}
              value={text}
              onBlur={leave}
              onChange={({ currentTarget }) => change(rows.with(index, [key, currentTarget.value]))}
            />
          </div>
          <ActionIcon
            variant="subtle"
            color="gray"
            className={classes.remove}
            aria-label={`Remove ${noun} ${index + 1}`}
            onClick={() => change(rows.toSpliced(index, 1))}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </div>
      ))}
      {error && <Input.Error>{error}</Input.Error>}
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} />}
        onClick={() => setTyped([...rows, ['', '']])}
      >
        Add {noun}
      </Button>
    </fieldset>
  )
}

/** A row without a name is none yet. */
function toFields(pairs: readonly Pair[]): Record<string, string> {
  return Object.fromEntries(pairs.filter(([key]) => key !== ''))
}

function toPairs(fields: Readonly<Record<string, unknown>>): Pair[] {
  return Object.entries(fields).map(([key, value]) => [key, String(value)])
}
