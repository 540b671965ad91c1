import { Button, Stack } from '@mantine/core'
import { IconKeyOff } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { Me } from '@hub/shared'
import type { ReactNode } from 'react'
import { CopyText } from '../../components/copy-text.tsx'
import { usePageTitle } from '../../components/page-name.ts'
import { StateMessage } from '../../components/state-message.tsx'
import { meQuery } from './queries.ts'
import { SetUpForm } from './set-up-form.tsx'
import classes from './no-access-page.module.css'

export interface NoAccessPageProps {
  me: Me
  onSignOut: () => void
  /** The way to ask for access. */
  ask: ReactNode
  /** What came of it. */
  requests: ReactNode
}

/** For somebody who is signed in and holds no grant. */
export function NoAccessPage({ me, onSignOut, ask, requests }: NoAccessPageProps) {
  usePageTitle('No access yet')
  const again = useQuery({ ...meQuery(), enabled: false })
  return (
    <Stack gap="md">
      <StateMessage
        icon={IconKeyOff}
        title="No access yet"
        order={1}
        actions={
          <>
            {!me.awaitsSetup && ask}
            <Button
              variant="default"
              loading={again.isFetching}
              onClick={() => void again.refetch()}
            >
              Check again
            </Button>
            <Button variant="default" onClick={onSignOut}>
              Sign out
            </Button>
          </>
        }
      >
        <p>
          You are signed in as {me.displayName}, but nobody has given you access to an instance.
          {me.awaitsSetup
            ? ' This hub has no administrator yet who could.'
            : ' Ask for it, or send this to an administrator of the hub; it names you exactly:'}
        </p>
        {!me.awaitsSetup && (
          <>
            <div className={classes.principal}>
              <CopyText text={me.principal} label="Copy principal" />
            </div>
            <p>Once you have a role, this page updates on its own.</p>
          </>
        )}
        {me.awaitsSetup && <SetUpForm />}
      </StateMessage>
      {!me.awaitsSetup && requests}
    </Stack>
  )
}
