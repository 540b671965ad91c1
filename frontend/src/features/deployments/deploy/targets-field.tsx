import { ActionIcon, Button, Select, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import type { DeployPlace } from './deploy-draft.ts'
import classes from '../editor/editor.module.css'

export interface OpenInstance {
  id: string
  /** Why nothing can be deployed there for now. */
  closed: string | null
}

export interface TargetsFieldProps {
  places: readonly DeployPlace[]
  instances: readonly OpenInstance[]
  /** What a new one begins with. */
  namespace: string
  /** Whether it says which are not whole yet. */
  isAsked: boolean
  onChange: (places: readonly DeployPlace[]) => void
}

/** Whether each of them can be deployed to. */
export function areWhole(places: readonly DeployPlace[]): boolean {
  return places.every(({ instance, namespace }) => instance !== '' && namespace !== '')
}

/** Where the same goes besides; nothing where there is no other instance. */
export function TargetsField(props: TargetsFieldProps) {
  const { instances, isAsked, namespace, onChange, places } = props
  if (instances.length === 0 && places.length === 0) return null
  const change = (index: number, part: Partial<DeployPlace>) =>
    onChange(places.map((place, at) => (at === index ? { ...place, ...part } : place)))
  return (
    <fieldset className={classes.group}>
      <legend className={classes.legend}>Also deploy to</legend>
      {places.map((place, index) => (
        // A row is what its place is: they are neither sorted nor moved.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={index} className={classes.row}>
          <div className={classes.rowFields}>
            <Select
              label={`Instance of place ${index + 2}`}
              allowDeselect={false}
              data={instances.map(({ closed, id }) => ({
                value: id,
                label: closed === null ? id : `${id} (closed)`,
                disabled: closed !== null,
              }))}
              value={place.instance === '' ? null : place.instance}
              error={isAsked && place.instance === '' && 'is required: choose an instance'}
              onChange={(instance) => change(index, { instance: instance ?? '' })}
            />
            <TextInput
              label={`Namespace of place ${index + 2}`}
              spellCheck={false}
              value={place.namespace}
              error={isAsked && place.namespace === '' && 'is required: which namespace?'}
              onChange={({ currentTarget }) =>
                change(index, { namespace: currentTarget.value.trim() })
              }
            />
          </div>
          <ActionIcon
            variant="subtle"
            color="gray"
            className={classes.remove}
            aria-label={`Remove place ${index + 2}`}
            onClick={() => onChange(places.toSpliced(index, 1))}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </div>
      ))}
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} />}
        onClick={() =>
          onChange([
            ...places,
            {
              instance: instances.find(({ closed }) => closed === null)?.id ?? '',
              namespace: places.at(-1)?.namespace ?? namespace,
            },
          ])
        }
      >
        Add a place
      </Button>
    </fieldset>
  )
}
