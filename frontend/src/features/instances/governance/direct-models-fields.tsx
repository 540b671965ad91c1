import { Checkbox, Textarea, TextInput } from '@mantine/core'

/** The direct way to an instance's models, as it is being written. */
export interface DirectModelsText {
  isOn: boolean
  url: string
  hosts: string
  certificateAuthority: string
}

export function DirectModelsFields({
  value,
  errors,
  onChange,
}: {
  value: DirectModelsText
  errors: Partial<Record<string, string>>
  onChange: (value: DirectModelsText) => void
}) {
  return (
    <>
      <Checkbox
        label="Call models at their own addresses"
        description="Calls do not pass the API server, nor its audit log. Where an address cannot be reached, they go by the API server all the same."
        checked={value.isOn}
        onChange={({ currentTarget: { checked } }) => onChange({ ...value, isOn: checked })}
      />
      {value.isOn && (
        <>
          <TextInput
            label="Address of a model"
            description="With {namespace}, {name}, {service} and {port} of the deployment, each between dots or slashes"
            placeholder="https://{name}.{namespace}.models.example.com"
            spellCheck={false}
            value={value.url}
            error={errors['directModels.url']}
            onChange={({ currentTarget: { value: url } }) => onChange({ ...value, url })}
          />
          <Textarea
            label="Hosts that it may lead to"
            description="One per line: a host, *.example.com for all below it, an address or a network. The hub connects to nothing else."
            placeholder={'*.models.example.com\n10.20.0.0/16'}
            autosize
            minRows={2}
            spellCheck={false}
            value={value.hosts}
            error={errors['directModels.hosts']}
            onChange={({ currentTarget: { value: hosts } }) => onChange({ ...value, hosts })}
          />
          <Textarea
            label="Certificate authority"
            description="In PEM: what the certificates of these addresses are checked against. Empty: the authorities that the hub trusts anyway."
            placeholder="-----BEGIN CERTIFICATE-----"
            autosize
            minRows={2}
            maxRows={8}
            spellCheck={false}
            value={value.certificateAuthority}
            error={errors['directModels.certificateAuthority']}
            onChange={({ currentTarget: { value: certificateAuthority } }) =>
              onChange({ ...value, certificateAuthority })
            }
          />
        </>
      )}
    </>
  )
}
