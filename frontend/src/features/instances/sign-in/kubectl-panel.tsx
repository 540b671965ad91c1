import { Box, Button, Group, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { Instance } from '@hub/shared'
import { useQuery } from '@tanstack/react-query'
import { useKeptDialog } from '../../../components/kept-dialog.tsx'
import { Notice } from '../../../components/notice.tsx'
import { Section } from '../../../components/section.tsx'
import { KubeconfigView, kubeconfigAnchor } from './kubeconfig-view.tsx'
import { ProfileDialog } from './profile-dialog.tsx'
import { kubeconfigQuery, profileQuery, sameClusterQuery } from './queries.ts'
import { SetupPanel } from './setup-panel.tsx'
import { WhoAmI } from './who-am-i.tsx'

/** kubectl as oneself: the kubeconfig that everybody may have, and how an administrator makes it possible. */
export function KubectlPanel({ instance: { abilities, id } }: { instance: Instance }) {
  const { data } = useQuery(kubeconfigQuery(id))
  const isLinked = window.location.hash === `#${kubeconfigAnchor}`
  const [isShown, { toggle }] = useDisclosure(isLinked)
  const [isSetup, setup] = useDisclosure(false)
  const dialog = useKeptDialog(`sign-in:${id}`)
  const profile = useQuery({ ...profileQuery(id), enabled: dialog.opened })
  if (data === undefined || (data === null && !abilities.manage)) return null
  return (
    <Section
      title="kubectl as yourself"
      actions={
        <Group gap="xs">
          {abilities.manage && (
            <Button variant="default" size="xs" onClick={dialog.open}>
              {data === null ? 'Set up sign-in' : 'Change sign-in'}
            </Button>
          )}
          {abilities.manage && data !== null && (
            <Button variant="default" size="xs" aria-expanded={isSetup} onClick={setup.toggle}>
              {isSetup ? 'Hide setup' : 'View setup'}
            </Button>
          )}
          {data !== null && (
            <Button variant="default" size="xs" aria-expanded={isShown} onClick={toggle}>
              {isShown ? 'Hide OIDC kubeconfig' : 'View OIDC kubeconfig'}
            </Button>
          )}
        </Group>
      }
    >
      {data === null ? (
        <Text size="sm">
          Nobody has said yet how people sign in to this cluster themselves. Where its API server
          trusts an identity provider, everybody can have a kubeconfig that holds no credential.
        </Text>
      ) : (
        <Text size="sm">
          You sign in at the cluster&rsquo;s own identity provider, and it knows you as{' '}
          <code>{data.username}</code>. What you may do there is the cluster&rsquo;s to say.
        </Text>
      )}
      {abilities.manage && <SameCluster instance={id} />}
      {data && isSetup && <SetupPanel instance={id} />}
      {data && isShown && <KubeconfigView instance={id} of={data} isLinked={isLinked} />}
      {data && <WhoAmI instance={id} />}
      {dialog.opened && profile.data !== undefined && (
        <ProfileDialog instance={id} profile={profile.data} dialog={dialog} />
      )}
    </Section>
  )
}

/** Of the same cluster under another name: two profiles may part what is one. */
function SameCluster({ instance }: { instance: string }) {
  const { data } = useQuery(sameClusterQuery(instance))
  if (data === undefined || data.items.length === 0) return null
  const differs = data.items.some((each) => each.differs)
  return (
    <Box mt="sm">
      <Notice
        tone={differs ? 'warning' : 'neutral'}
        title={
          differs
            ? 'Two different sign-ins for one cluster'
            : 'This cluster has other instances in the hub'
        }
      >
        {data.items.map(({ detail, instance: other }) => (
          <p key={other}>{detail}</p>
        ))}
      </Notice>
    </Box>
  )
}
