import type { ReactNode } from 'react'
import { createLink } from '@tanstack/react-router'
import type { AnchorHTMLAttributes } from 'react'
import classes from './link-tabs.module.css'

/** Pages side by side, of which one is open: links, with an address each. As `pills` they stand beside a title. */
export function LinkTabs({
  label,
  pills = false,
  children,
}: {
  label: string
  pills?: boolean
  children: ReactNode
}) {
  return (
    <nav className={pills ? classes.pills : classes.tabs} aria-label={label}>
      {children}
    </nav>
  )
}

export const LinkTab = createLink((props: AnchorHTMLAttributes<HTMLAnchorElement>) => (
  // The router marks the link of the page that is open.
  // oxlint-disable-next-line jsx-a11y/anchor-has-content
  <a {...props} className={classes.tab} />
))
