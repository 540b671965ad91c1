import { ButtonLink } from './router-link.tsx'

/** The way home from a page that has nothing else to offer. */
export function FleetLink() {
  return (
    <ButtonLink variant="default" to="/">
      Go to the fleet
    </ButtonLink>
  )
}
