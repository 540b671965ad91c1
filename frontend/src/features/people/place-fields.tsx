import { Autocomplete, Select, TextInput } from '@mantine/core'
import { InstanceId, NamespaceName, Permission } from '@hub/shared'
import { useTyped } from '../../components/use-typed.ts'
import { permissionLabels } from '../../lib/access/words.ts'
import classes from './people.module.css'

/** A place and a permission to ask about, as the address has them. */
export interface PlaceSearch {
  instance?: string
  namespace?: string
  permission?: Permission
}

export interface PlaceFieldsProps {
  instances: readonly string[]
  place: PlaceSearch
  onPlace: (place: PlaceSearch) => void
}

const askAfterMs = 400

/** Which place and permission to ask about. */
export function PlaceFields({ instances, place, onPlace }: PlaceFieldsProps) {
  const { shown, type, leave } = useTyped({
    value: { instance: place.instance ?? '', namespace: place.namespace ?? '' },
    onChange: (at) => {
      const { permission } = place
      const next = readPlace(at)
      if (next) onPlace({ ...next, ...(permission && { permission }) })
    },
    delayMs: askAfterMs,
  })
  const { instance, namespace } = shown
  const isInstance = instance === '' || InstanceId.safeParse(instance.trim()).success
  const isNamespace = namespace === '' || NamespaceName.safeParse(namespace.trim()).success
  return (
    <div className={classes.place}>
      <Autocomplete
        label="Instance"
        placeholder="The whole hub"
        spellCheck={false}
        autoCapitalize="off"
        data={[...instances]}
        value={instance}
        error={isInstance ? null : 'This is not a valid instance name.'}
        onChange={(value) => type({ instance: value, namespace })}
        onBlur={leave}
      />
      <TextInput
        label="Namespace"
        placeholder={instance === '' ? 'Choose an instance first' : 'None in particular'}
        spellCheck={false}
        autoCapitalize="off"
        disabled={instance === ''}
        value={namespace}
        error={isNamespace ? null : 'This is not a valid namespace name.'}
        onChange={(event) => type({ instance, namespace: event.currentTarget.value })}
        onBlur={leave}
      />
      <Select
        label="To do what"
        placeholder="Everything"
        clearable
        clearButtonProps={{ 'aria-label': 'Ask about everything' }}
        data={Permission.options.map((each) => ({ value: each, label: permissionLabels[each] }))}
        value={place.permission ?? null}
        onChange={(value) => {
          const { permission: _, ...rest } = place
          const permission = Permission.safeParse(value)
          onPlace(permission.success ? { ...rest, permission: permission.data } : rest)
        }}
      />
    </div>
  )
}

/** Null for what is no name: it stays where it is typed. */
function readPlace(typed: { instance: string; namespace: string }): PlaceSearch | null {
  const instance = typed.instance.trim()
  const namespace = typed.namespace.trim()
  if (instance === '') return {}
  if (!InstanceId.safeParse(instance).success) return null
  if (namespace === '') return { instance }
  return NamespaceName.safeParse(namespace).success ? { instance, namespace } : null
}
