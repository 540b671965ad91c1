import { Anchor, Button, Group, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { Instance, OidcKubeconfig } from '@hub/shared'
import { useQuery } from '@tanstack/react-query'
import { CodeBlock } from '../../../components/code-block.tsx'
import { Section } from '../../../components/section.tsx'
import { ProfileDialog } from './profile-dialog.tsx'
import { kubeconfigQuery, profileQuery } from './queries.ts'
import { SetupPanel } from './setup-panel.tsx'
import { WhoAmI } from './who-am-i.tsx'

/** kubectl as oneself: the kubeconfig that everybody may have, and how an administrator makes it possible. */
export function KubectlPanel({ instance: { abilities, id } }: { instance: Instance }) {
  const { data } = useQuery(kubeconfigQuery(id))
  const [isShown, { toggle }] = useDisclosure(false)
  const [isSetup, setup] = useDisclosure(false)
  const [isEdited, { open, close }] = useDisclosure(false)
  const profile = useQuery({ ...profileQuery(id), enabled: isEdited })
  if (data === undefined || (data === null && !abilities.manage)) return null
  return (
    <Section
      title="kubectl as yourself"
      actions={
        <Group gap="xs">
          {abilities.manage && (
            <Button variant="default" size="xs" onClick={open}>
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
          Nobody said how people sign in to this cluster themselves. Where its API server trusts an
          identity provider, everybody can have a kubeconfig that holds no credential.
        </Text>
      ) : (
        <Text size="sm">
          You sign in at the cluster&rsquo;s own identity provider, and it knows you as{' '}
          <code>{data.username}</code>. What you may do there is the cluster&rsquo;s to say.{' '}
          <Anchor href="/cli/" underline="always">
            Install the plugin
          </Anchor>{' '}
          first.
        </Text>
      )}
      {data && isSetup && <SetupPanel instance={id} />}
      {data && isShown && <Kubeconfig instance={id} of={data} />}
      {data && <WhoAmI instance={id} />}
      {isEdited && profile.data !== undefined && (
        <ProfileDialog instance={id} profile={profile.data} onClose={close} />
      )}
    </Section>
  )
}

function Kubeconfig({
  instance,
  of: { fileName, kubeconfig, link, mergeCommand },
}: {
  instance: string
  of: OidcKubeconfig
}) {
  const byHub = `kubectl together-login kubeconfig --hub=${window.location.origin} --instance=${instance} --link=${link}`

  const address = `data:application/yaml;charset=utf-8,${encodeURIComponent(kubeconfig)}`
  return (
    <Stack gap="sm" mt="sm">
      <CodeBlock text={kubeconfig} label="OIDC kubeconfig" language="yaml" />
      <Text size="sm">
        <Anchor href={address} download={fileName} underline="always">
          Download {fileName}
        </Anchor>{' '}
        to <code>~/.kube</code>, and merge it into the one that kubectl reads:
      </Text>
      <CodeBlock text={mergeCommand} label="Command that merges it" language="bash" />
      <Text size="sm">
        Or have the plugin write one that names this hub instead of the identity provider, and
        follows what administrators change:
      </Text>
      <CodeBlock text={byHub} label="Command that writes it by this hub" language="bash" />
    </Stack>
  )
}
