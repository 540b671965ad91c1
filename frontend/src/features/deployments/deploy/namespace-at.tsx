import { Autocomplete, Select } from '@mantine/core'
import { useField } from '../editor/draft-fields.ts'
import { required } from '../required.ts'

const at = '/metadata/namespace'

/** Where it goes. Where the cluster does not tell all namespaces, others can be named. */
export function NamespaceAt({ complete, names }: { complete: boolean; names: string[] }) {
  const { error, leave, set, value } = useField(at)
  const input = { label: 'Namespace', error, onBlur: leave, ...required }
  const given = typeof value === 'string' ? value : ''
  if (!complete) {
    return (
      <Autocomplete
        {...input}
        description="Others may exist besides those listed"
        data={names}
        value={given}
        onChange={set}
      />
    )
  }
  return (
    <Select
      {...input}
      description="Where you can deploy"
      placeholder="Choose one"
      searchable
      nothingFoundMessage="No such namespace"
      // One that is written in YAML stays to be seen.
      data={given === '' || names.includes(given) ? names : [...names, given]}
      value={given === '' ? null : given}
      onChange={(name) => set(name ?? '')}
    />
  )
}
