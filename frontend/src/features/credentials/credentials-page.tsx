import { Group, Skeleton, Stack, Table, Text, VisuallyHidden } from '@mantine/core'
import type { Credential, CredentialList } from '@hub/shared'
import { IconServerOff } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Notice } from '../../components/notice.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { usePageTitle } from '../../components/page-name.ts'
import { Panel } from '../../components/panel.tsx'
import { ProblemMessage } from '../../components/problem-message.tsx'
import { RelativeTime, useNow } from '../../components/relative-time.tsx'
import { TextLink } from '../../components/router-link.tsx'
import { StateMessage } from '../../components/state-message.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'
import { ToneIcon } from '../../components/tone-icon.tsx'
import { ConfirmCluster } from './confirm-cluster.tsx'
import { describeCredentialState, describeExpiry } from './credential-words.ts'
import { credentialsQuery } from './queries.ts'
import { RemoveCredential } from './remove-credential.tsx'
import { UploadCredential } from './upload-credential.tsx'
import table from '../../components/table.module.css'
import classes from './credentials-page.module.css'

/** `isLocal`: the credentials are the contexts of one's own kubeconfig. */
export function CredentialsPage({ isLocal }: { isLocal: boolean }) {
  usePageTitle('Clusters')
  const credentials = useQuery(credentialsQuery())
  const writable = credentials.data?.directory.writable === true
  return (
    <>
      <PageHeader
        title="Clusters"
        below="The credentials through which this hub reaches its clusters"
        actions={<UploadCredential offered={writable} />}
      />
      {credentials.isPending ? (
        <Panel>
          <VisuallyHidden component="output">Loading credentials</VisuallyHidden>
          <Stack gap="sm" aria-hidden>
            {[1, 2, 3].map((row) => (
              <Skeleton key={row} height={44} />
            ))}
          </Stack>
        </Panel>
      ) : credentials.data === undefined ? (
        <Panel>
          <ProblemMessage
            error={credentials.error}
            title="The credentials could not be loaded"
            onRetry={() => void credentials.refetch()}
          />
        </Panel>
      ) : (
        <Credentials list={credentials.data} isLocal={isLocal} />
      )}
    </>
  )
}

function Credentials({
  list: { directory, items },
  isLocal,
}: {
  list: CredentialList
  isLocal: boolean
}) {
  return (
    <Stack gap="md">
      {directory.problem !== null && (
        <Notice tone="bad" title="The directory cannot be read">
          {directory.problem}
        </Notice>
      )}
      {isLocal && (
        <Notice tone="neutral" title="These are the contexts of your kubeconfig">
          Change them in <code>{directory.path}</code>, with <code>kubectl config</code> for
          example. What changes there appears here within seconds.
        </Notice>
      )}
      {!isLocal && !directory.writable && directory.problem === null && (
        <Notice tone="neutral" title="Credentials are mounted read-only">
          Add, replace and remove them where <code>{directory.path}</code> comes from: a Kubernetes
          secret, for example, or a volume of the secrets store. What changes there appears here
          within seconds.
        </Notice>
      )}
      {items.length === 0 ? (
        <Panel>
          <StateMessage icon={IconServerOff} title="No credentials yet">
            A credential is a kubeconfig file named after its cluster, such as{' '}
            <code>prod-east.kubeconfig</code>, in <code>{directory.path}</code>.
          </StateMessage>
        </Panel>
      ) : (
        <Panel flush>
          <Table className={table.table} verticalSpacing={10} horizontalSpacing="md">
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">Cluster</Table.Th>
                <Table.Th scope="col">State</Table.Th>
                <Table.Th scope="col" visibleFrom="sm">
                  Ends
                </Table.Th>
                <Table.Th scope="col" visibleFrom="md">
                  Since
                </Table.Th>
                <Table.Th scope="col" visibleFrom="sm">
                  <VisuallyHidden>Actions</VisuallyHidden>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((credential) => (
                <Row key={credential.file} credential={credential} writable={directory.writable} />
              ))}
            </Table.Tbody>
          </Table>
        </Panel>
      )}
      <Text size="sm" c="dimmed" className={classes.path}>
        Read from <code>{directory.path}</code>. What is in a credential is never shown.
      </Text>
    </Stack>
  )
}

function Row({ credential, writable }: { credential: Credential; writable: boolean }) {
  const { file, instance, state, cluster, reason, fix, warnings, since } = credential
  const { label, tone } = describeCredentialState(credential)
  const actions = <Actions credential={credential} writable={writable} />
  return (
    <Table.Tr>
      <Table.Td className={classes.name}>
        {instance === null ? (
          <span className={classes.strong}>Not a name</span>
        ) : state === 'rejected' ? (
          <span className={classes.strong}>{instance}</span>
        ) : (
          <TextLink to="/instances/$instance" params={{ instance }} className={classes.strong}>
            {instance}
          </TextLink>
        )}
        <Text size="xs" c="dimmed">
          {file}
        </Text>
      </Table.Td>
      <Table.Td className={classes.state}>
        <StatusBadge tone={tone} label={label} />
        {(reason ?? cluster?.reason) && (
          <p className={classes.reason}>{reason ?? cluster?.reason}</p>
        )}
        {fix !== null && (
          <p className={classes.reason}>
            <strong>Fix:</strong> {fix}
          </p>
        )}
        {warnings.map((warning) => (
          <p key={warning} className={classes.warning}>
            <ToneIcon tone="warning" size={16} /> {warning}
          </p>
        ))}
        <div className={classes.small}>
          <Text component="span" size="sm" c="dimmed">
            Ends:
          </Text>
          <Expiry expiresAt={credential.expiresAt} />
          {actions}
        </div>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Expiry expiresAt={credential.expiresAt} />
      </Table.Td>
      <Table.Td visibleFrom="md" className={classes.time}>
        <RelativeTime at={since} />
      </Table.Td>
      <Table.Td visibleFrom="sm">{actions}</Table.Td>
    </Table.Tr>
  )
}

function Expiry({ expiresAt }: { expiresAt: string | null }) {
  const { words, tone } = describeExpiry(expiresAt, useNow())
  if (tone !== 'warning' && tone !== 'bad') {
    return (
      <Text component="span" size="sm" {...(expiresAt === null && { c: 'dimmed' })}>
        {words}
      </Text>
    )
  }
  return <StatusBadge tone={tone} label={words} />
}

function Actions({ credential, writable }: { credential: Credential; writable: boolean }) {
  const { instance, reason, state } = credential
  if (instance === null) return null
  return (
    <Group gap="xs" className={classes.actions}>
      {state === 'resting' && <ConfirmCluster instance={instance} reason={reason} />}
      <UploadCredential instance={instance} offered={writable} />
      <RemoveCredential instance={instance} offered={writable} />
    </Group>
  )
}
