import { Button, PasswordInput, Skeleton, Stack, Text, Title } from '@mantine/core'
import {
  IconBrandGithubFilled,
  IconBrandWindowsFilled,
  IconKey,
  IconPlugConnectedX,
} from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { ProviderId } from '@hub/shared'
import { useState, type ComponentType } from 'react'
import { Brand } from '../../components/brand.tsx'
import { Notice } from '../../components/notice.tsx'
import { usePageTitle } from '../../components/page-name.ts'
import { describeError } from '../../lib/api/problem.ts'
import { forgetSessionEnd } from './ended-session.ts'
import { keepReturnTo } from './return-to.ts'
import { meQuery, providersQuery, signInPath } from './queries.ts'
import { describeSignInError } from './sign-in-error.ts'
import classes from './sign-in-page.module.css'

const providerIcons: Record<ProviderId, ComponentType<{ size?: number }>> = {
  entra: IconBrandWindowsFilled,
  github: IconBrandGithubFilled,
  oidc: IconKey,
}

export interface SignInPageProps {
  returnTo: string
  /** The person is signed in, and shows once more that it is them. */
  again: boolean
  /** The problem code a sign-in came back with, and the id of that request. */
  error: string | undefined
  reference: string | undefined
  /** Why the session before this page ended; null where nothing is to be said of it. */
  ended: string | null
}

export function SignInPage({ returnTo, again, error, reference, ended }: SignInPageProps) {
  usePageTitle(again ? 'Show that it is you' : 'Sign in')
  return (
    <main className={classes.page} id="main">
      <div className={classes.card}>
        <Brand size={44} />
        <Title order={1} size="h2" ta="center">
          {again ? 'Show that it is you' : 'KubeAIRunway Hub'}
        </Title>
        <Text c="dimmed" ta="center" size="sm">
          {again
            ? 'What you are about to do wants a fresh sign-in. Sign in as the same person, then go back to the tab you came from and repeat it.'
            : 'Deploy and watch AI models on every cluster you have access to, from one place.'}
        </Text>
        <Stack w="100%" mt="md" gap="sm">
          {error !== undefined && <SignInError code={error} reference={reference} />}
          {error === undefined && ended !== null && (
            <Notice tone="warning" title="You were signed out" role="alert">
              {ended}
            </Notice>
          )}
          <ProviderButtons returnTo={returnTo} again={again} />
        </Stack>
      </div>
    </main>
  )
}

function SignInError({ code, reference }: { code: string; reference: string | undefined }) {
  const { title, text } = describeSignInError(code)
  return (
    <Notice tone="bad" title={title} role="alert">
      <p>{text}</p>
      {reference && (
        <Text component="p" size="xs" c="dimmed" mt={4}>
          Reference {reference}
        </Text>
      )}
    </Notice>
  )
}

function ProviderButtons({ returnTo, again }: { returnTo: string; again: boolean }) {
  const providers = useQuery(providersQuery())
  const me = useQuery({ ...meQuery(), enabled: again, retry: false })
  if (providers.isPending || (again && me.isPending)) {
    return (
      <>
        <Skeleton height={42} aria-hidden />
        <Text size="sm" c="dimmed" ta="center">
          Looking up how to sign in…
        </Text>
      </>
    )
  }
  if (providers.isError) {
    return (
      <>
        <Notice tone="bad" icon={IconPlugConnectedX} title="The hub does not answer" role="alert">
          {describeError(providers.error)}
        </Notice>
        <Button variant="default" onClick={() => void providers.refetch()}>
          Try again
        </Button>
      </>
    )
  }
  if (providers.data.isLocal) return <LocalEntry />
  if (providers.data.items.length === 0) {
    return (
      <Notice tone="warning" title="No way to sign in is set up">
        The operator of this hub has to set <code>ENABLED_AUTH_PROVIDERS</code> to one or more of{' '}
        <code>entra</code>, <code>github</code> and <code>oidc</code>, and restart it.
      </Notice>
    )
  }
  const own = providers.data.items.filter(({ id }) => id === me.data?.provider)
  const offered = again && own.length > 0 ? own : providers.data.items
  return offered.map((provider, index) => {
    const Icon = providerIcons[provider.id]
    return (
      <Button
        key={provider.id}
        component="a"
        href={signInPath(provider.id, returnTo, again)}
        onClick={() => {
          keepReturnTo(returnTo)
          forgetSessionEnd()
        }}
        variant={index === 0 ? 'filled' : 'default'}
        size="md"
        fullWidth
        leftSection={<Icon size={18} />}
      >
        Continue with {provider.name}
      </Button>
    )
  })
}

/** The hub serves whoever started it: the token is in the address that it printed there. */
function LocalEntry() {
  const [token, setToken] = useState('')
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        window.location.assign(`/?token=${encodeURIComponent(token.trim())}`)
      }}
    >
      <Stack gap="sm">
        <Text size="sm">
          This hub serves the person who started it. Open the address that it printed in the
          terminal, or paste the token from its end.
        </Text>
        <PasswordInput
          label="Token"
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
          autoComplete="off"
          data-autofocus
        />
        <Button type="submit" disabled={token.trim() === ''}>
          Open
        </Button>
      </Stack>
    </form>
  )
}
