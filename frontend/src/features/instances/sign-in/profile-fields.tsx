import { Checkbox, Select, TextInput } from '@mantine/core'
import { usernameClaims } from '@hub/shared'
import type { ChangeEvent } from 'react'
import type { FieldErrors } from '../../../lib/api/field-errors.ts'
import type { TypedProfile } from './read-profile.ts'

export interface ProfileFieldsProps {
  typed: TypedProfile
  errors: FieldErrors
  onChange: (next: Partial<TypedProfile>) => void
}

export function ProfileFields({ errors, onChange, typed }: ProfileFieldsProps) {
  const fieldOf = (name: Exclude<keyof TypedProfile, 'usernameClaim' | 'needsSecret'>) => ({
    value: typed[name],
    error: errors[name],
    onChange: ({ currentTarget: { value } }: ChangeEvent<HTMLInputElement>) =>
      onChange({ [name]: value }),
  })
  return (
    <>
      <TextInput
        label="Issuer"
        description="Exactly as its discovery document spells it, slash and all"
        placeholder="https://id.example.com"
        data-autofocus
        {...fieldOf('issuer')}
      />
      <TextInput label="Client ID" {...fieldOf('clientId')} />
      <Select
        label="Username claim"
        description="The claim by which the cluster knows people"
        data={[...usernameClaims]}
        allowDeselect={false}
        value={typed.usernameClaim}
        onChange={(value) =>
          onChange({ usernameClaim: usernameClaims.find((each) => each === value) ?? 'email' })
        }
      />
      <TextInput
        label="Username prefix"
        description="Where the API server has one; empty for its default, - for none"
        {...fieldOf('usernamePrefix')}
      />
      <TextInput
        label="Groups claim"
        description="Where the API server has one; empty where groups are not used"
        placeholder="groups"
        {...fieldOf('groupsClaim')}
      />
      {typed.groupsClaim.trim() !== '' && (
        <TextInput
          label="Groups prefix"
          description="Without one, a group called system:masters would administer the cluster"
          placeholder="oidc:"
          {...fieldOf('groupsPrefix')}
        />
      )}
      <TextInput
        label="Extra scopes"
        description="Besides those of the claim, separated by spaces"
        placeholder="groups offline_access"
        {...fieldOf('extraScopes')}
      />
      <TextInput
        label="Address of the API server"
        description="Where people reach it, if not where the hub does"
        placeholder="https://k8s.example.com:6443"
        {...fieldOf('server')}
      />
      <Checkbox
        label="The provider wants a client secret"
        description="Everybody sets OIDC_CLIENT_SECRET for themselves; the kubeconfig holds none"
        checked={typed.needsSecret}
        onChange={({ currentTarget: { checked } }) => onChange({ needsSecret: checked })}
      />
    </>
  )
}
