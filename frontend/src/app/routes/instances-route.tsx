import type { CredentialList } from '@hub/shared'
import { Stack, Text } from '@mantine/core'
import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { isLocal, meQuery } from '../../features/auth/queries.ts'
import { CredentialActions, CredentialCell } from '../../features/credentials/credential-cell.tsx'
import { DirectoryNotices } from '../../features/credentials/directory-notices.tsx'
import { credentialsQuery } from '../../features/credentials/queries.ts'
import { UploadCredential } from '../../features/credentials/upload-credential.tsx'
import { InstanceListPage } from '../../features/instances/instance-list.tsx'
import type { InstanceCredentials } from '../../features/instances/instance-table.tsx'
import { instancesQuery } from '../../features/instances/queries.ts'
import { ButtonLink } from '../../components/router-link.tsx'
import { ProblemNotice } from '../../components/problem-notice.tsx'

export function InstancesRoute() {
  const { data: me } = useSuspenseQuery(meQuery())
  const { administer } = me.abilities
  const known = useQuery(instancesQuery()).data?.items ?? []
  const credentials = useQuery({ ...credentialsQuery(), enabled: administer })
  const { data } = credentials
  return (
    <>
      <InstanceListPage
        isLocal={isLocal(me)}
        administers={administer}
        isPending={credentials.isLoading}
        credentials={data ? joinCredentials(data, new Set(known.map(({ id }) => id))) : null}
        notices={
          <>
            {data && <DirectoryNotices directory={data.directory} isLocal={isLocal(me)} />}
            {administer && !data && credentials.isError && (
              <ProblemNotice
                error={credentials.error}
                title="The credentials could not be loaded"
              />
            )}
          </>
        }
        actions={
          <>
            {administer && (
              <ButtonLink variant="default" to="/templates">
                Templates
              </ButtonLink>
            )}
            <UploadCredential offered={data?.directory.writable === true} />
          </>
        }
      />
      {data && (
        <Stack mt="md">
          <Text size="sm" c="dimmed">
            Credentials are read from <code>{data.directory.path}</code>. Their contents are never
            shown.
          </Text>
        </Stack>
      )}
    </>
  )
}

/** Each file beside the instance that it leads to; one that leads to none has a row of its own. */
function joinCredentials(
  { items, directory: { writable } }: CredentialList,
  known: ReadonlySet<string>,
): InstanceCredentials {
  const hasRow = ({ instance }: { instance: string | null }) =>
    instance !== null && known.has(instance)
  const of = (id: string) => items.filter(({ instance }) => instance === id)
  return {
    render: (id, knownReason) =>
      of(id).map((credential) => (
        <CredentialCell key={credential.file} credential={credential} knownReason={knownReason} />
      )),
    renderActions: (id) => {
      // Two files of one name are one instance: what is done is done to the one that serves.
      const [credential] = of(id)
      return credential && <CredentialActions credential={credential} writable={writable} />
    },
    others: items
      .filter((each) => !hasRow(each))
      .map((credential) => ({
        key: credential.file,
        name: credential.instance ?? 'Not a name',
        credential: <CredentialCell credential={credential} knownReason={null} />,
        actions: <CredentialActions credential={credential} writable={writable} />,
      })),
  }
}
