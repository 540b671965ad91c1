import { Text } from '@mantine/core'
import type { Runtime } from '@hub/shared'
import { Section } from '../../components/section.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { StatusBadge } from '../../components/status-badge.tsx'
import { describeRuntime } from './capacity.ts'
import classes from './runtime-panel.module.css'

export function RuntimePanel({ runtimes }: { runtimes: readonly Runtime[] | null }) {
  return (
    <Section title="Runtimes">
      {runtimes === null ? (
        <Text size="sm" c="dimmed">
          Unknown: they have not been read yet, or the hub’s credential is not allowed to read them.
        </Text>
      ) : runtimes.length === 0 ? (
        <Text size="sm" c="dimmed">
          None is installed. Deployments stay pending until one is.
        </Text>
      ) : (
        <ul className={classes.list}>
          {runtimes.map((runtime) => (
            <RuntimeItem key={runtime.name} runtime={runtime} />
          ))}
        </ul>
      )}
    </Section>
  )
}

function RuntimeItem({ runtime }: { runtime: Runtime }) {
  const { displayName, engines, lastHeartbeatAt, version } = runtime
  const { words, tone } = describeRuntime(runtime)
  return (
    <li className={classes.item}>
      <div className={classes.words}>
        <span className={classes.name}>{displayName}</span>
        <span className={classes.facts}>
          {[version ?? 'version unknown', ...engines].join(' · ')}
        </span>
        <span className={classes.facts}>
          {lastHeartbeatAt === null ? (
            'No heartbeat yet'
          ) : (
            <>
              Heartbeat <RelativeTime at={lastHeartbeatAt} />
            </>
          )}
        </span>
      </div>
      <StatusBadge tone={tone} label={words} />
    </li>
  )
}
