import { Anchor, Select, Stack, Text, Title } from '@mantine/core'
import type { OidcKubeconfig } from '@hub/shared'
import { useState, type ReactNode } from 'react'
import { CodeBlock } from '../../../components/code-block.tsx'
import { CopyText } from '../../../components/copy-text.tsx'
import { findPlatform, platforms, type Platform } from './platforms.ts'

/** What a link that is shared ends with. */
export const kubeconfigAnchor = 'oidc-kubeconfig'

export interface KubeconfigViewProps {
  instance: string
  of: OidcKubeconfig
  /** Whoever came by the link of somebody else sees it at once. */
  isLinked: boolean
}

/** From nothing to `kubectl get nodes`, for the machine that the browser runs on. */
export function KubeconfigView({ instance, isLinked, of }: KubeconfigViewProps) {
  const [platform, setPlatform] = useState(() => findPlatform(navigator.userAgent))
  const { origin } = window.location
  const path = `$HOME/.kube/${of.fileName}`
  const shared = `${origin}/instances/${encodeURIComponent(instance)}?tab=cluster#${kubeconfigAnchor}`
  return (
    <Stack gap="lg" mt="sm" id={kubeconfigAnchor} ref={isLinked ? showHere : null}>
      <Select
        label="Your machine"
        maw={320}
        allowDeselect={false}
        data={platforms.map(({ id, title }) => ({ value: id, label: title }))}
        value={platform.id}
        onChange={(value) => setPlatform(platforms.find(({ id }) => id === value) ?? platform)}
      />
      <InstallStep platform={platform} />
      <TakeStep of={of} path={path} platform={platform} />
      {of.needsSecret && (
        <Step title="3. Set the client secret">
          <Text size="sm">
            Your identity provider wants one. Ask your administrator, and set it for this session
            alone:
          </Text>
          <CodeBlock text={platform.setSecret} label="Command that sets it" language="bash" />
        </Step>
      )}
      <Step title={of.needsSecret ? '4. Try it' : '3. Try it'}>
        <CodeBlock
          text={`kubectl --kubeconfig="${path}" get nodes`}
          label="Command that tries it"
          language="bash"
        />
        <Text size="sm">
          A browser opens. 403 Forbidden means that you are signed in and no binding names you yet:
          ask the cluster&rsquo;s administrator. To merge it into the kubeconfig that kubectl reads:
        </Text>
        <CodeBlock
          text={platform.merge?.(of.fileName) ?? of.mergeCommand}
          label="Command that merges it"
          language="bash"
        />
      </Step>
      <Step title="Or have the plugin write it">
        <Text size="sm">
          It then names this hub instead of the identity provider, and follows what administrators
          change:
        </Text>
        <CodeBlock
          text={`kubectl together-login kubeconfig --hub=${origin} --instance=${instance} --link=${of.link}`}
          label="Command that writes it by this hub"
          language="bash"
        />
      </Step>
      <Step title="Share this page">
        <Text size="sm">
          It leads colleagues who see this instance here, once they have signed in:
        </Text>
        <CopyText text={shared} label="Copy link" />
      </Step>
    </Stack>
  )
}

function InstallStep({ platform }: { platform: Platform }) {
  const { origin } = window.location
  return (
    <Step title="1. Install the plugin">
      <CodeBlock
        text={platform.install(origin)}
        label={`Commands that install it on ${platform.title}`}
        language="bash"
      />
      <Text size="sm">Or by a package manager, where you have one:</Text>
      <CodeBlock
        text={platform.installByManager(origin)}
        label="Commands that install it by a package manager"
        language="bash"
      />
      <Text size="sm">
        <Anchor href="/cli/" underline="always">
          All builds and package managers
        </Anchor>
      </Text>
    </Step>
  )
}

function TakeStep({
  of,
  path,
  platform,
}: {
  of: OidcKubeconfig
  path: string
  platform: Platform
}) {
  return (
    <Step title="2. Take the kubeconfig">
      <CodeBlock text={of.kubeconfig} label="OIDC kubeconfig" language="yaml" />
      <Text size="sm">
        <Anchor
          href={`data:application/yaml;charset=utf-8,${encodeURIComponent(of.kubeconfig)}`}
          download={of.fileName}
          underline="always"
        >
          Download {of.fileName}
        </Anchor>{' '}
        to <code>~/.kube</code>, or copy it and write what you copied there:
      </Text>
      <CodeBlock text={platform.save(path)} label="Commands that save it" language="bash" />
      <Kubelogin of={of} platform={platform} />
    </Step>
  )
}

/** Whoever came by a link came for this. */
function showHere(node: HTMLElement | null): void {
  node?.scrollIntoView({ block: 'start' })
}

function Kubelogin({ of, platform }: { of: OidcKubeconfig; platform: Platform }) {
  return (
    <Text size="sm">
      It works with kubelogin too (<code>{platform.kubelogin}</code>): write{' '}
      <code>command: kubectl-oidc_login</code> for <code>command: {of.plugin}</code>.
    </Text>
  )
}

function Step({ children, title }: { children: ReactNode; title: string }) {
  return (
    <Stack gap="xs">
      <Title order={3} size="h5">
        {title}
      </Title>
      {children}
    </Stack>
  )
}
