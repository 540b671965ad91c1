import { Button, Checkbox, List, Modal, Select, Text, TextInput } from '@mantine/core'
import {
  usernameClaims,
  type OidcChecks,
  type OidcProfile,
  type OidcProfileInput,
} from '@hub/shared'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { DialogForm } from '../../../components/dialog-form.tsx'
import { ProblemNotice } from '../../../components/problem-notice.tsx'
import { useFieldForm } from '../../../components/use-field-form.ts'
import { saveProfileMutation, verifyMutation } from './queries.ts'

const outcomeWords = { pass: 'Good', warn: 'Look at it', fail: 'Wrong' } as const

export interface ProfileDialogProps {
  instance: string
  /** As it is now; null where there is none. */
  profile: OidcProfile | null
  onClose: () => void
}

/** How people sign in to a cluster themselves, looked at before it is kept. */
export function ProfileDialog({ instance, onClose, profile: kept }: ProfileDialogProps) {
  const [issuer, setIssuer] = useState(kept?.issuer ?? '')
  const [clientId, setClientId] = useState(kept?.clientId ?? '')
  const [claim, setClaim] = useState<OidcProfileInput['usernameClaim']>(
    kept?.usernameClaim ?? 'email',
  )
  const [prefix, setPrefix] = useState(kept?.usernamePrefix ?? '')
  const [needsSecret, setNeedsSecret] = useState(kept?.needsSecret ?? false)
  const verifying = useMutation(verifyMutation(instance))
  const { change, error, errors, isPending, send } = useFieldForm({
    mutation: saveProfileMutation(instance),
    onSent: onClose,
  })
  const profile = toProfile(kept, { issuer, clientId, claim, prefix, needsSecret })
  return (
    <Modal opened onClose={onClose} title={`Sign-in to ${instance} itself`} size="lg">
      <DialogForm
        error={error}
        errorTitle="It was not saved"
        action="Save sign-in"
        isPending={isPending}
        onCancel={onClose}
        onSubmit={() => send({ input: profile })}
      >
        <Text size="sm">
          As the cluster&rsquo;s API server has it. The identity provider&rsquo;s client takes
          http://localhost:8000 and http://localhost:18000 as redirect URIs, and PKCE.
        </Text>
        <TextInput
          label="Issuer"
          description="Exactly as its discovery document spells it, slash and all"
          placeholder="https://id.example.com"
          data-autofocus
          value={issuer}
          error={errors['issuer']}
          onChange={({ currentTarget: { value } }) => change(() => setIssuer(value))}
        />
        <TextInput
          label="Client ID"
          value={clientId}
          error={errors['clientId']}
          onChange={({ currentTarget: { value } }) => change(() => setClientId(value))}
        />
        <Select
          label="Username claim"
          description="By what the cluster knows people"
          data={[...usernameClaims]}
          allowDeselect={false}
          value={claim}
          onChange={(value) =>
            change(() => setClaim(usernameClaims.find((each) => each === value) ?? 'email'))
          }
        />
        <TextInput
          label="Username prefix"
          description="Where the API server has one; empty for its default, - for none"
          value={prefix}
          error={errors['usernamePrefix']}
          onChange={({ currentTarget: { value } }) => change(() => setPrefix(value))}
        />
        <Checkbox
          label="The provider wants a client secret"
          description="Everybody sets OIDC_CLIENT_SECRET for themselves; the kubeconfig holds none"
          checked={needsSecret}
          onChange={({ currentTarget: { checked } }) => change(() => setNeedsSecret(checked))}
        />
        <Button
          variant="default"
          loading={verifying.isPending}
          onClick={() => verifying.mutate(profile)}
        >
          Verify
        </Button>
        {verifying.error && <ProblemNotice error={verifying.error} title="It was not looked at" />}
        {verifying.data && <Checks of={verifying.data} />}
      </DialogForm>
    </Modal>
  )
}

/** What the dialog does not show stays as it is. */
function toProfile(
  kept: OidcProfile | null,
  typed: {
    issuer: string
    clientId: string
    claim: OidcProfileInput['usernameClaim']
    prefix: string
    needsSecret: boolean
  },
): OidcProfileInput {
  const { claim, clientId, issuer, needsSecret, prefix } = typed
  return {
    ...(kept && {
      groupsClaim: kept.groupsClaim,
      groupsPrefix: kept.groupsPrefix,
      extraScopes: kept.extraScopes,
      server: kept.server,
    }),
    issuer: issuer.trim(),
    clientId: clientId.trim(),
    usernameClaim: claim,
    needsSecret,
    ...(prefix !== '' && { usernamePrefix: prefix }),
  }
}

function Checks({ of: { items } }: { of: OidcChecks }) {
  return (
    <List size="sm" listStyleType="none" aria-label="What was looked at" aria-live="polite">
      {items.map(({ detail, name, outcome }) => (
        <List.Item key={name}>
          <strong>
            {outcomeWords[outcome]}: {name}.
          </strong>{' '}
          {detail}
        </List.Item>
      ))}
    </List>
  )
}
