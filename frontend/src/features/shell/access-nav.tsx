import { CountBadge } from '../../components/count-badge.tsx'
import { LinkTab, LinkTabs } from '../../components/link-tabs.tsx'
import { accessPages } from './access-pages.ts'

/** The pages of *Access*, side by side. */
export function AccessNav({ waiting }: { waiting: number }) {
  return (
    <LinkTabs label="Access">
      {accessPages.map(({ to, label }) => (
        <LinkTab key={to} to={to} activeOptions={{ includeSearch: false }}>
          {label}
          {label === 'Requests' && <CountBadge count={waiting} what="waiting" />}
        </LinkTab>
      ))}
    </LinkTabs>
  )
}
