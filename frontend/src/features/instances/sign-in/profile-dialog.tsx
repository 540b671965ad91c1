import { Button, Stack, Text, Title } from '@mantine/core'
import type { OidcProfile, OidcProfileInput } from '@hub/shared'
import { useDebouncedValue } from '@mantine/hooks'
import { useMutation } from '@tanstack/react-query'
import { DialogForm } from '../../../components/dialog-form.tsx'
import { KeptDialog, useKept, type DialogState } from '../../../components/kept-dialog.tsx'
import { Notice } from '../../../components/notice.tsx'
import { ProblemNotice } from '../../../components/problem-notice.tsx'
import { useFieldForm } from '../../../components/use-field-form.ts'
import { Checks } from './checks.tsx'
import { ProfileFields } from './profile-fields.tsx'
import { ProviderSide } from './provider-side.tsx'
import { saveProfileMutation, verifyMutation } from './queries.ts'
import { readProfile, toProviderQuery, toTyped, type TypedProfile } from './read-profile.ts'
import { Trial } from './trial.tsx'
import classes from './profile-dialog.module.css'

export interface ProfileDialogProps {
  instance: string
  /** As it is now; null where there is none. */
  profile: OidcProfile | null
  dialog: DialogState
}

/** How people sign in to a cluster themselves, looked at and tried before it is kept. */
export function ProfileDialog({ dialog, ...of }: ProfileDialogProps) {
  return (
    <KeptDialog dialog={dialog} title={`Sign-in to ${of.instance} itself`} size="xl">
      <ProfileForm {...of} onDone={dialog.close} />
    </KeptDialog>
  )
}

function ProfileForm({
  instance,
  onDone,
  profile: kept,
}: Omit<ProfileDialogProps, 'dialog'> & { onDone: () => void }) {
  const [typed, setTyped] = useKept<TypedProfile>('profile', toTyped(kept))
  const { change, error, errors, isPending, send } = useFieldForm({
    mutation: saveProfileMutation(instance),
    onSent: onDone,
  })
  const profile = readProfile(typed)
  const isFromFile = kept?.source === 'config'
  const [settled] = useDebouncedValue(typed, 300)
  return (
    <DialogForm
      error={error}
      errorTitle="It was not saved"
      action={isFromFile ? null : 'Save sign-in'}
      isPending={isPending}
      onCancel={onDone}
      onSubmit={() => send({ input: profile })}
    >
      {isFromFile && (
        <Notice tone="neutral" title="It stands in the configuration file">
          <p>
            Change it there. Here you can verify and try it, also with other values, which are not
            kept.
          </p>
        </Notice>
      )}
      <div className={classes.sides}>
        <Stack gap="md">
          <Title order={3} size="h5">
            As the cluster&rsquo;s API server has it
          </Title>
          <ProfileFields
            typed={typed}
            errors={errors}
            onChange={(next) => change(() => setTyped({ ...typed, ...next }))}
          />
        </Stack>
        <Stack gap="md">
          <Title order={3} size="h5">
            At the identity provider
          </Title>
          <ProviderSide instance={instance} of={toProviderQuery(readProfile(settled))} />
        </Stack>
      </div>
      {/* What was found out is of the profile as it was then. */}
      <Looks key={JSON.stringify(profile)} instance={instance} profile={profile} />
    </DialogForm>
  )
}

function Looks({ instance, profile }: { instance: string; profile: OidcProfileInput }) {
  const verifying = useMutation(verifyMutation(instance))
  return (
    <Stack gap="sm">
      <Text size="sm">
        Verify checks the issuer as the cluster would. Trying the sign-in signs you in there, and
        shows as whom the cluster would know you.
      </Text>
      <div>
        <Button
          variant="default"
          loading={verifying.isPending}
          onClick={() => verifying.mutate(profile)}
        >
          Verify
        </Button>
        <div aria-live="polite" className={classes.found}>
          {verifying.error && (
            <ProblemNotice error={verifying.error} title="It could not be checked" />
          )}
          {verifying.data && <Checks items={verifying.data.items} label="What was checked" />}
        </div>
      </div>
      <Trial instance={instance} profile={profile} />
    </Stack>
  )
}
