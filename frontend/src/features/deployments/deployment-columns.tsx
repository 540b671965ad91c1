import type { Deployment } from '@hub/shared'
import { Avatar } from '../../components/avatar.tsx'
import { InstanceMark } from '../../components/instance-mark.tsx'
import { PageLink } from '../../components/page-link.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import type { Column } from '../../components/virtual-table/column.ts'
import { StatusLabel } from '../../components/status-label.tsx'
import { nameEngine } from './engine.ts'
import { countGpusInUse } from './gpus.ts'
import { countSurplus } from './replicas.ts'
import { describeLastState, describeState } from './state-words.ts'
import classes from './deployment-list.module.css'

export interface ColumnFacts {
  /** Whether the instances' names are known from elsewhere. */
  withInstance: boolean
  /** Whether anybody is known to have made one of them through the hub. */
  withOwners: boolean
  /** Instances whose deployments are shown as they were last known. */
  outdated: ReadonlySet<string>
  /** What people are called, by their principals. */
  names: ReadonlyMap<string, string>
}

/** The columns of a list of deployments; where there is little room the first ones stay. */
export function listColumns({
  withInstance,
  withOwners,
  outdated,
  names,
}: ColumnFacts): readonly Column<Deployment>[] {
  const describe = describeWith(outdated)
  const columns: (Column<Deployment> | false)[] = [
    {
      id: 'name',
      label: 'Deployment',
      width: 160,
      grow: 2,
      isFixed: true,
      sort: 'name',
      render: (deployment) => <NameLink deployment={deployment} />,
    },
    {
      id: 'status',
      label: 'Status',
      width: 140,
      grow: 1,
      sort: 'status',
      render: (deployment) => <StatusLabel {...describe(deployment)} />,
    },
    {
      id: 'model',
      label: 'Model',
      width: 250,
      grow: 4,
      render: ({ model }) => <span title={model.id ?? undefined}>{nameModel(model)}</span>,
    },
    withInstance && {
      id: 'instance',
      label: 'Instance',
      width: 120,
      grow: 1,
      sort: 'instance',
      render: ({ instance }) => (
        <span className={classes.marked}>
          <InstanceMark id={instance} size={18} />
          <span className={classes.text}>{instance}</span>
        </span>
      ),
    },
    {
      id: 'namespace',
      label: 'Namespace',
      width: 104,
      sort: 'namespace',
      grow: 1,
      render: ({ namespace }) => namespace,
    },
    {
      id: 'owner',
      label: 'Owner',
      width: 132,
      grow: 1,
      // A column of dashes would stand where whole names can.
      isExtra: !withOwners,
      render: ({ createdBy }) => <Owner principal={createdBy} names={names} />,
    },
    ...furtherColumns,
  ]
  return columns.filter((column) => column !== false)
}

/** What leaves first. */
const furtherColumns: readonly Column<Deployment>[] = [
  {
    id: 'gpus',
    label: 'GPUs',
    width: 54,
    isNumber: true,
    render: (deployment) => countGpusInUse(deployment) ?? '–',
  },
  {
    id: 'created',
    label: 'Created',
    width: 120,
    sort: 'createdAt',
    isDescendingFirst: true,
    render: ({ createdAt }) => <RelativeTime at={createdAt} />,
  },
  {
    id: 'replicas',
    label: 'Replicas',
    width: 90,
    isNumber: true,
    render: (deployment) => nameReplicas(deployment),
  },
  {
    id: 'engine',
    label: 'Engine',
    width: 110,
    render: ({ engine }) => (engine === null ? '–' : nameEngine(engine)),
  },
  {
    id: 'runtime',
    label: 'Runtime',
    width: 90,
    isExtra: true,
    render: ({ runtime }) => runtime ?? '–',
  },
  {
    id: 'phase',
    label: 'Phase',
    width: 100,
    isExtra: true,
    sort: 'phase',
    render: ({ phase }) => phase ?? '–',
  },
]

/** The two lines of a row where there is no room for columns. */
export function renderLinesWith({ outdated, withInstance }: ColumnFacts) {
  const describe = describeWith(outdated)
  return (deployment: Deployment) => (
    <>
      <div className={classes.line}>
        <NameLink deployment={deployment} />
        <StatusLabel {...describe(deployment)} />
      </div>
      <div className={classes.second}>
        {withInstance && `${deployment.instance} / `}
        {deployment.namespace} · {nameModel(deployment.model).replace(/^.*\//, '')}
      </div>
    </>
  )
}

export function Owner({
  principal,
  names,
}: {
  principal: string | null
  names: ReadonlyMap<string, string>
}) {
  if (principal === null) return '–'
  const name = names.get(principal) ?? principal
  return (
    <span className={classes.marked} title={name}>
      <Avatar name={name} size={20} />
      <span className={classes.text}>{name}</span>
    </span>
  )
}

export function nameModel({ id }: Deployment['model']): string {
  return id ?? 'Custom model'
}

function describeWith(outdated: ReadonlySet<string>) {
  return (deployment: Deployment) =>
    outdated.has(deployment.instance) ? describeLastState(deployment) : describeState(deployment)
}

function nameReplicas(deployment: Deployment): string {
  const { desired, ready } = deployment.replicas
  const surplus = countSurplus(deployment)
  return surplus === null
    ? `${Math.min(ready, desired)} of ${desired}`
    : `${surplus} for ${desired}`
}

/** Its row has the keys and the presses around it. */
function NameLink({ deployment }: { deployment: Deployment }) {
  const { instance, name, namespace } = deployment
  return (
    <PageLink
      to="/instances/$instance/namespaces/$namespace/deployments/$name"
      params={{ instance, namespace, name }}
      className={classes.link}
      tabIndex={-1}
      preload={false}
      title={name}
    >
      {name}
    </PageLink>
  )
}
