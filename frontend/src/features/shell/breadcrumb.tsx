import { IconChevronRight } from '@tabler/icons-react'
import { PageLink } from '../../components/page-link.tsx'
import { usePageName } from '../../components/page-name.ts'
import classes from './breadcrumb.module.css'

/** A page above the one that is open; without an address it only says where that is. */
export interface Crumb {
  label: string
  href?: string
}

/** The way from the place down to this page. */
export function Breadcrumb({ crumbs }: { crumbs: readonly Crumb[] }) {
  const here = usePageName()
  return (
    <nav aria-label="Breadcrumb" className={classes.trail}>
      <ol className={classes.list}>
        {crumbs.map(({ label, href }) => (
          <li key={label} className={classes.above}>
            {href !== undefined ? (
              <PageLink to={href} className={classes.link}>
                {label}
              </PageLink>
            ) : (
              <span>{label}</span>
            )}
            <IconChevronRight size={14} aria-hidden className={classes.separator} />
          </li>
        ))}
        {here !== '' && (
          <li aria-current="page" className={classes.here}>
            {here}
          </li>
        )}
      </ol>
    </nav>
  )
}
