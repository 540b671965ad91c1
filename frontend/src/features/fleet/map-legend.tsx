import type { FleetMap } from '@hub/shared'
import { writeCount } from '../../lib/count.ts'
import type { HolderCounts } from './map-cells.ts'
import classes from './map-legend.module.css'

const namespacesShown = 10

/** What the colours and shapes mean, with how many there are of each. */
export function MapLegend({
  totals: { free, reserved, unavailable, unknown },
  held: { byNamespace, others },
  colorOf,
}: {
  totals: FleetMap['totals']
  held: HolderCounts
  colorOf: ReadonlyMap<string, number>
}) {
  const most = [...byNamespace].toSorted(([, a], [, b]) => b - a)
  const rest = most.slice(namespacesShown)
  const kinds = [
    { kind: 'others', label: 'Others', count: others },
    { kind: 'free', label: 'Free', count: free },
    { kind: 'reserved', label: 'Reserved', count: reserved },
    { kind: 'unavailable', label: 'Unavailable', count: unavailable },
    { kind: 'unknown', label: 'Unknown', count: unknown },
  ].filter(({ count }) => count > 0)
  return (
    <ul className={classes.legend} aria-label="Who holds GPUs">
      {most.slice(0, namespacesShown).map(([namespace, count]) => (
        <li key={namespace} className={classes.entry}>
          <span
            className={classes.cell}
            data-kind="held"
            style={{ background: `var(--hub-holder-${colorOf.get(namespace) ?? 0})` }}
            aria-hidden
          />
          {namespace} <span className={classes.count}>{writeCount(count)}</span>
        </li>
      ))}
      {rest.length > 0 && (
        <li className={classes.entry}>
          {rest.length} more namespaces{' '}
          <span className={classes.count}>
            {writeCount(rest.reduce((sum, [, count]) => sum + count, 0))}
          </span>
        </li>
      )}
      {kinds.map(({ kind, label, count }) => (
        <li key={kind} className={classes.entry}>
          <span className={classes.cell} data-kind={kind} aria-hidden />
          {label} <span className={classes.count}>{writeCount(count)}</span>
        </li>
      ))}
    </ul>
  )
}
