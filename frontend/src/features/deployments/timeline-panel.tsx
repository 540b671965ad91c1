import type { Deployment } from '@hub/shared'
import { useQuery } from '@tanstack/react-query'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Section } from '../../components/section.tsx'
import { podsQuery } from './queries.ts'
import { describeDuration, describeTimeline } from './timeline.ts'
import classes from './timeline-panel.module.css'

/** How far a deployment has come on its way to serving, and what took how long. */
export function TimelinePanel({ deployment }: { deployment: Deployment }) {
  // Once it serves, its way there is done.
  const isThere = deployment.state === 'running'
  const pods = useQuery({ ...podsQuery(deployment), ...(isThere && { refetchInterval: false }) })
  return (
    <Section title="Timeline">
      <ol className={classes.steps}>
        {describeTimeline(deployment, pods.data?.items ?? null).map(({ label, at, tookMs }) => (
          <li key={label} className={classes.step} data-done={at !== null || undefined}>
            <span>{label}</span>
            <span className={classes.time}>
              {at === null ? 'not yet' : <RelativeTime at={at} />}
              {tookMs !== null && `, after ${describeDuration(tookMs)}`}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  )
}
