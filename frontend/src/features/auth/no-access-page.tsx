import { Button, Text } from '@mantine/core'
import { IconKeyOff } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { Me } from '@hub/shared'
import { CopyText } from '../../components/copy-text.tsx'
import { usePageTitle } from '../../components/page-header.tsx'
import { Panel } from '../../components/panel.tsx'
import { StateMessage } from '../../components/state-message.tsx'
import { meQuery } from './queries.ts'
import { SetUpForm } from './set-up-form.tsx'
import classes from './no-access-page.module.css'

/** For somebody who is signed in and holds no grant. */
export function NoAccessPage({ me, onSignOut }: { me: Me; onSignOut: () => void }) {
  usePageTitle('No access yet')
  const again = useQuery({ ...meQuery(), enabled: false })
  return (
    <Panel>
      <StateMessage
        icon={IconKeyOff}
        title="No access yet"
        order={1}
        actions={
          <>
            <Button loading={again.isFetching} onClick={() => void again.refetch()}>
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
          Send this to an administrator of the hub; it names you exactly:
        </p>
        <div className={classes.principal}>
          <CopyText text={me.principal} label="Copy principal" />
        </div>
        <Text size="sm">Once they have granted you a role, check again.</Text>
        {me.awaitsSetup && <SetUpForm />}
      </StateMessage>
    </Panel>
  )
}
