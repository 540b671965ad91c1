import { Autocomplete, Select } from '@mantine/core'
import type { DeployFormValues } from './use-deploy-form.ts'
import { required } from './required.ts'

export function NamespaceField({
  names,
  complete,
  ...props
}: { names: string[]; complete: boolean } & ReturnType<DeployFormValues['getInputProps']>) {
  if (!complete) {
    return (
      <Autocomplete
        label="Namespace"
        description="Others may exist besides those listed"
        {...required}
        data={names}
        {...props}
      />
    )
  }
  const { value, onChange, ...rest } = props
  return (
    <Select
      label="Namespace"
      description="Where you can deploy"
      placeholder="Choose one"
      {...required}
      searchable
      nothingFoundMessage="No such namespace"
      data={names}
      value={value === '' ? null : value}
      onChange={(name) => onChange(name ?? '')}
      {...rest}
    />
  )
}
