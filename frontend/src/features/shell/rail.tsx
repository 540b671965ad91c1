import { Brand } from '../../components/brand.tsx'
import { CountBadge } from '../../components/count-badge.tsx'
import { PageLink } from '../../components/page-link.tsx'
import type { PlaceLink, PlaceName } from './places.ts'
import classes from './rail.module.css'

export interface RailProps {
  places: readonly PlaceLink[]
  /** The place of the page that is open; null where it has none. */
  current: PlaceName | null
  /** How many access requests are waiting for an administrator. */
  waiting: number
  onNavigate?: () => void
}

/** The product's name, and every place, one below the other. */
export function Rail({ places, current, waiting, onNavigate }: RailProps) {
  return (
    <div className={classes.rail}>
      <PageLink to="/" className={classes.brand} aria-label="KubeAIRunway Hub, home">
        <Brand size={24} />
        <span className={classes.product}>
          KubeAIRunway <span className={classes.hub}>Hub</span>
        </span>
      </PageLink>
      <nav aria-label="Main">
        <ul className={classes.places}>
          {places.map(({ name, to, label, icon: Icon }) => (
            <li key={name}>
              <PageLink
                to={to}
                className={classes.place}
                // A page below a place is in that place.
                aria-current={current === name ? 'page' : undefined}
                data-current={current === name || undefined}
                title={label}
                {...(onNavigate && { onClick: onNavigate })}
              >
                <Icon size={18} stroke={1.7} aria-hidden />
                <span className={classes.label}>{label}</span>
                {name === 'access' && (
                  <CountBadge
                    count={waiting}
                    what={waiting === 1 ? 'request waits' : 'requests wait'}
                  />
                )}
              </PageLink>
            </li>
          ))}
        </ul>
      </nav>
    </div>
  )
}
