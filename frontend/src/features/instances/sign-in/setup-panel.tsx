import { List, Stack, Tabs } from '@mantine/core'
import type { OidcSetup } from '@hub/shared'
import { useQuery } from '@tanstack/react-query'
import { CodeBlock } from '../../../components/code-block.tsx'
import { ProblemNotice } from '../../../components/problem-notice.tsx'
import { ProviderFacts } from './provider-side.tsx'
import { setupQuery } from './queries.ts'

/** What the identity provider and the cluster are told, for administrators to copy. */
export function SetupPanel({ instance }: { instance: string }) {
  const { data, error } = useQuery(setupQuery(instance))
  if (error) return <ProblemNotice error={error} title="The setup cannot be shown" />
  return data ? <Setup of={data} /> : null
}

function Setup({ of }: { of: OidcSetup }) {
  return (
    <Tabs defaultValue="provider" mt="sm" keepMounted={false}>
      <Tabs.List aria-label="What is to be told">
        <Tabs.Tab value="provider">Identity provider</Tabs.Tab>
        <Tabs.Tab value="flags">API server, flags</Tabs.Tab>
        <Tabs.Tab value="file">API server, file</Tabs.Tab>
        <Tabs.Tab value="audit">Audit policy</Tabs.Tab>
        <Tabs.Tab value="openshift">OpenShift</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="provider" pt="sm">
        <ProviderFacts of={of} />
      </Tabs.Panel>
      <Tabs.Panel value="flags" pt="sm">
        <CodeBlock text={of.flags.join('\n')} label="Flags of kube-apiserver" />
      </Tabs.Panel>
      <Tabs.Panel value="file" pt="sm">
        <CodeBlock
          text={of.authenticationConfiguration}
          label="AuthenticationConfiguration"
          language="yaml"
        />
      </Tabs.Panel>
      <Tabs.Panel value="audit" pt="sm">
        <CodeBlock text={of.auditPolicy} label="Audit policy" language="yaml" />
      </Tabs.Panel>
      <Tabs.Panel value="openshift" pt="sm">
        <Stack gap="sm">
          <Notes of={of.openShift.notes} />
          <CodeBlock text={of.openShift.oAuth} label="OAuth" language="yaml" />
          <CodeBlock text={of.openShift.authentication} label="Authentication" language="yaml" />
        </Stack>
      </Tabs.Panel>
    </Tabs>
  )
}

function Notes({ of }: { of: readonly string[] }) {
  if (of.length === 0) return null
  return (
    <List size="sm">
      {of.map((note) => (
        <List.Item key={note}>{note}</List.Item>
      ))}
    </List>
  )
}
