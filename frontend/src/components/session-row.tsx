import { Text } from '@mantine/core'
import type { Session } from '@hub/shared'
import type { ReactNode } from 'react'
import { describeUserAgent } from '../lib/user-agent.ts'
import { RelativeTime } from './relative-time.tsx'
import { StatusBadge } from './status-badge.tsx'
import rows from './rows.module.css'

export interface SessionRowProps {
  session: Session
  /** The way to end it, unless it is the one that looks; `where` is the browser of it. */
  renderEnd: (where: string) => ReactNode
}

/** A browser session in a list. */
export function SessionRow({ session, renderEnd }: SessionRowProps) {
  const { createdAt, ip, isCurrent, lastSeenAt, userAgent } = session
  const where = describeUserAgent(userAgent)
  return (
    <li className={rows.row}>
      <div className={rows.what}>
        <span className={rows.strong}>{where}</span>
        <Text size="xs" c="dimmed">
          {ip === null ? '' : `${ip} · `}signed in <RelativeTime at={createdAt} />, last used{' '}
          <RelativeTime at={lastSeenAt} />
        </Text>
      </div>
      {isCurrent ? <StatusBadge tone="good" label="This browser" /> : renderEnd(where)}
    </li>
  )
}
