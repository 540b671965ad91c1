import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core'
import { IconExternalLink } from '@tabler/icons-react'
import type { FinishTrialInput, OidcProfileInput, OidcTrial, StartedTrial } from '@hub/shared'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useState } from 'react'
import { CopyText } from '../../../components/copy-text.tsx'
import { secretMissing, useKeptSecret } from '../../../components/kept-dialog.tsx'
import { ProblemNotice } from '../../../components/problem-notice.tsx'
import { onAnswer } from '../../../lib/cluster-sign-in.ts'
import { deviceTrialQuery, finishTrialMutation, startTrialMutation } from './queries.ts'
import { TrialResult } from './trial-result.tsx'

export interface TrialProps {
  instance: string
  /** As it is typed. */
  profile: OidcProfileInput
}

/** The real sign-in at the cluster's issuer, in another tab, and what the cluster would make of it. */
export function Trial({ instance, profile }: TrialProps) {
  const starting = useMutation(startTrialMutation(instance))
  const { change, isMissing, secret: clientSecret } = useKeptSecret('clientSecret')
  const secret = clientSecret === '' ? {} : { clientSecret }
  const start = (how: 'browser' | 'device') =>
    starting.mutate({ profile, how, origin: window.location.origin, ...secret })
  const { data: started } = starting
  return (
    <Stack gap="sm">
      {profile.needsSecret === true && (
        <PasswordInput
          label="Client secret"
          description="Goes to the identity provider with this sign-in, and is kept nowhere"
          autoComplete="off"
          value={clientSecret}
          error={isMissing && secretMissing}
          onChange={({ currentTarget: { value } }) => change(value)}
          onKeyDown={(event) => {
            // The form around it saves the profile.
            if (event.key === 'Enter') event.preventDefault()
          }}
        />
      )}
      <Group gap="xs">
        <Button
          variant="default"
          loading={starting.isPending && starting.variables.how === 'browser'}
          onClick={() => start('browser')}
        >
          {started ? 'Try it again' : 'Try the sign-in'}
        </Button>
        <Button
          variant="default"
          loading={starting.isPending && starting.variables.how === 'device'}
          onClick={() => start('device')}
        >
          Try it by a code
        </Button>
      </Group>
      {starting.error && <ProblemNotice error={starting.error} title="The sign-in was not tried" />}
      {started && <UnderWay key={started.trial} {...{ instance, secret, started }} />}
    </Stack>
  )
}

interface UnderWayProps {
  instance: string
  secret: Pick<FinishTrialInput, 'clientSecret'>
  started: StartedTrial
}

function UnderWay({ instance, secret, started }: UnderWayProps) {
  const { state, trial, url, userCode } = started
  const isDevice = userCode !== null
  const [isOpened, setOpened] = useState(false)
  const finishing = useMutation(finishTrialMutation(instance))
  const finish = useEffectEvent(finishing.mutate)
  const take = useEffectEvent((answer: object) => finish({ ...answer, trial, ...secret }))
  useEffect(() => (state === null ? undefined : onAnswer(state, (answer) => take(answer))), [state])
  const polled = useQuery(deviceTrialQuery(instance, { trial, ...secret }, isDevice && isOpened))
  const found: OidcTrial | undefined = isDevice ? polled.data : finishing.data
  const error = isDevice ? polled.error : finishing.error
  const isDone = error !== null || found?.state === 'done'
  return (
    <Stack gap="sm" aria-live="polite">
      {!isDone && (
        <>
          <Registered started={started} />
          <Group gap="sm">
            <Button
              component="a"
              href={url}
              target="_blank"
              rel="noopener noreferrer"
              leftSection={<IconExternalLink size={16} aria-hidden />}
              onClick={() => setOpened(true)}
            >
              Sign in at {new URL(url).host}
            </Button>
            {isOpened && <Text size="sm">Waiting for the other tab…</Text>}
          </Group>
        </>
      )}
      {error !== null && <ProblemNotice error={error} title="The sign-in was not finished" />}
      {found?.state === 'done' && <TrialResult of={found} />}
    </Stack>
  )
}

/** What the provider has to know before somebody goes there: one that does not know it never leads back. */
function Registered({ started: { redirectUri, userCode } }: { started: StartedTrial }) {
  if (userCode !== null) {
    return (
      <Stack gap={4}>
        <Text size="sm">Confirm this code there. It needs no redirect URI:</Text>
        <CopyText text={userCode} label="Copy code" />
      </Stack>
    )
  }
  return (
    <Stack gap={4}>
      <Text size="sm">
        The provider&rsquo;s client has to have this redirect URI. Where it does not, the other tab
        says so and does not lead back: register it, and try again.
      </Text>
      <CopyText text={redirectUri ?? ''} label="Copy redirect URI" />
    </Stack>
  )
}
