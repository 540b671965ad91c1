import { Checkbox, Select, TextInput } from '@mantine/core'
import { usernameClaims } from '@hub/shared'
import type { FieldErrors } from '../../../lib/api/field-errors.ts'
import type { TypedProfile } from './read-profile.ts'

export interface ProfileFieldsProps {
  typed: TypedProfile
  errors: FieldErrors
  onChange: (next: Partial<TypedProfile>) => void
}

export function ProfileFields({ errors, onChange, typed }: ProfileFieldsProps) {
  return (
    <>
      <TextInput
        label="Issuer"
        description="Exactly as its discovery document spells it, slash and all"
        placeholder="https://id.example.com"
        data-autofocus
        value={typed.issuer}
        error={errors['issuer']}
        onChange={({ currentTarget: { value } }) => onChange({ issuer: value })}
      />
      <TextInput
        label="Client ID"
        value={typed.clientId}
        error={errors['clientId']}
        onChange={({ currentTarget: { value } }) => onChange({ clientId: value })}
      />
      <Select
        label="Username claim"
        description="The claim by which the cluster knows people"
        data={[...usernameClaims]}
        allowDeselect={false}
        value={typed.claim}
        onChange={(value) =>
          onChange({ claim: usernameClaims.find((each) => each === value) ?? 'email' })
        }
      />
      <TextInput
        label="Username prefix"
        description="Where the API server has one; empty for its default, - for none"
        value={typed.prefix}
        error={errors['usernamePrefix']}
        onChange={({ currentTarget: { value } }) => onChange({ prefix: value })}
      />
      <TextInput
        label="Groups claim"
        description="Where the API server has one; empty where groups are not used"
        placeholder="groups"
        value={typed.groupsClaim}
        error={errors['groupsClaim']}
        onChange={({ currentTarget: { value } }) => onChange({ groupsClaim: value })}
      />
      {typed.groupsClaim.trim() !== '' && (
        <TextInput
          label="Groups prefix"
          description="Without one, a group called system:masters would administer the cluster"
          placeholder="oidc:"
          value={typed.groupsPrefix}
          error={errors['groupsPrefix']}
          onChange={({ currentTarget: { value } }) => onChange({ groupsPrefix: value })}
        />
      )}
      <TextInput
        label="Extra scopes"
        description="Besides those of the claim, separated by spaces"
        placeholder="groups offline_access"
        value={typed.extraScopes}
        error={errors['extraScopes']}
        onChange={({ currentTarget: { value } }) => onChange({ extraScopes: value })}
      />
      <TextInput
        label="Address of the API server"
        description="Where people reach it, if not where the hub does"
        placeholder="https://k8s.example.com:6443"
        value={typed.server}
        error={errors['server']}
        onChange={({ currentTarget: { value } }) => onChange({ server: value })}
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
