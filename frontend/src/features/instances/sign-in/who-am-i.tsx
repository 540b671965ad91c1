import { Button, Group, Stack, Table, Text, TextInput } from '@mantine/core'
import type { ClusterWhoAmI } from '@hub/shared'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Facts } from '../../../components/facts.tsx'
import { ProblemNotice } from '../../../components/problem-notice.tsx'
import classes from '../../../components/table.module.css'
import { whoAmIMutation } from './queries.ts'

/** Asks the cluster itself as whom it knows the person, and what it lets them do. */
export function WhoAmI({ instance }: { instance: string }) {
  const [namespace, setNamespace] = useState('default')
  const asking = useMutation(whoAmIMutation(instance))
  return (
    <Stack gap="sm" mt="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          asking.mutate(namespace.trim() || 'default')
        }}
      >
        <Group gap="xs" align="end">
          <TextInput
            label="Namespace"
            size="xs"
            value={namespace}
            onChange={({ currentTarget: { value } }) => setNamespace(value)}
          />
          <Button type="submit" variant="default" size="xs" loading={asking.isPending}>
            Who am I there?
          </Button>
        </Group>
      </form>
      <div aria-live="polite">
        {asking.error && <ProblemNotice error={asking.error} title="The cluster was not asked" />}
        {asking.data && <Answer of={asking.data} />}
      </div>
    </Stack>
  )
}

function Answer({ of }: { of: ClusterWhoAmI }) {
  const { groups, incomplete, isKnown, namespace, rules, sentence } = of
  return (
    <Stack gap="sm">
      <Text size="sm">{sentence}</Text>
      {isKnown && groups.length > 0 && (
        <Facts items={[{ term: 'Groups', value: groups.join(', ') }]} />
      )}
      {rules.length > 0 && (
        <Table.ScrollContainer minWidth={280}>
          <Table className={classes.table}>
            <Table.Caption>
              What you may do in namespace {namespace}
              {incomplete && ', as far as the cluster says: it has rules that it cannot list'}
            </Table.Caption>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">Resources</Table.Th>
                <Table.Th scope="col">Verbs</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rules.map((rule) => (
                <Table.Tr key={JSON.stringify(rule)}>
                  <Table.Td>{describeResources(rule)}</Table.Td>
                  <Table.Td>{rule.verbs.join(', ')}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Stack>
  )
}

function describeResources({
  apiGroups,
  resourceNames,
  resources,
}: ClusterWhoAmI['rules'][number]): string {
  const groups = apiGroups.filter((group) => group !== '')
  const of = groups.length > 0 ? ` (${groups.join(', ')})` : ''
  const named = resourceNames.length > 0 ? `: ${resourceNames.join(', ')} alone` : ''
  return `${resources.join(', ')}${of}${named}`
}
