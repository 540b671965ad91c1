import { lazyRouteComponent } from '@tanstack/react-router'
import { send } from '../lib/api/client.ts'

/**
 * A page whose script comes when somebody goes there. Where it does not come because the hub is away, the page says so and
 * can be tried again: the router would load the whole portal anew, which does not come either. Where the hub answers, its
 * portal is a newer one, and that helps.
 */
export const lazyPage: typeof lazyRouteComponent = (load, name) =>
  lazyRouteComponent(async () => {
    try {
      return await load()
    } catch (error) {
      await send(fetch('/livez', { cache: 'no-store' }))
      throw error
    }
  }, name)
