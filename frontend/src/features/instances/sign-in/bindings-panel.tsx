import { Button, Group, Text } from '@mantine/core'
import type { ClusterBinding } from '@hub/shared'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { ConfirmButton } from '../../../components/confirm-button.tsx'
import { useKeptDialog } from '../../../components/kept-dialog.tsx'
import { ProblemNotice } from '../../../components/problem-notice.tsx'
import rows from '../../../components/rows.module.css'
import { Section } from '../../../components/section.tsx'
import { isProblem } from '../../../lib/api/problem.ts'
import { BindingDialog } from './binding-dialog.tsx'
import { bindingsQuery, deleteBindingMutation, kubeconfigQuery } from './queries.ts'

/** Whom the hub bound to roles on the cluster itself, for administrators. */
export function BindingsPanel({ instance }: { instance: string }) {
  const hasProfile = useQuery(kubeconfigQuery(instance)).data != null
  const { data, error } = useQuery({ ...bindingsQuery(instance), enabled: hasProfile })
  const dialog = useKeptDialog(`binding:${instance}`)
  if (!hasProfile) return null
  return (
    <Section
      title="Roles on the cluster itself"
      actions={
        <Button variant="default" size="xs" onClick={dialog.open}>
          Bind somebody
        </Button>
      }
    >
      {isProblem(error, 403) && <Text size="sm">{error.detail}</Text>}
      {error && !isProblem(error, 403) && (
        <ProblemNotice error={error} title="The bindings cannot be listed" />
      )}
      {data?.items.length === 0 && (
        <Text size="sm">
          The hub bound nobody there. Whoever signs in to the cluster and is bound to no role is
          answered 403.
        </Text>
      )}
      {data && data.items.length > 0 && (
        <ul className={rows.list} aria-label="Bindings that the hub made">
          {data.items.map((binding) => (
            <Row
              key={`${binding.namespace ?? ''}/${binding.name}`}
              instance={instance}
              binding={binding}
            />
          ))}
        </ul>
      )}
      {data?.more && <Text size="sm">There are more: kubectl lists them all.</Text>}
      {dialog.opened && <BindingDialog instance={instance} dialog={dialog} />}
    </Section>
  )
}

function Row({ instance, binding }: { instance: string; binding: ClusterBinding }) {
  const client = useQueryClient()
  const { name, namespace, role, subjects } = binding
  const who = subjects.map((subject) => subject.name).join(', ')
  const where = namespace === null ? 'everywhere' : `in ${namespace}`
  return (
    <li className={rows.row}>
      <div className={rows.what}>
        <div className={rows.strong}>{who}</div>
        <Text size="sm" c="dimmed">
          {subjects[0]?.kind === 'Group' ? 'Group' : 'Person'}, {role} {where} · {name}
        </Text>
      </div>
      <Group gap="xs">
        <ConfirmButton
          label="Remove"
          ariaLabel={`Remove the binding of ${who} to ${role}`}
          title={`Remove ${role} from ${who}?`}
          action="Remove binding"
          isDestructive
          mutation={deleteBindingMutation(client, instance, { name, namespace })}
        >
          <Text size="sm">
            What it lets {who} do {where} ends at once. Tokens that were issued stay valid until
            they expire, for whatever else lets them in: Try the sign-in shows how long that is.
          </Text>
        </ConfirmButton>
      </Group>
    </li>
  )
}
