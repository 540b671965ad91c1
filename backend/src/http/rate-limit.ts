import type { Context } from 'hono'
import { AppError } from '#errors'
import { createBoundedCache } from '#cache'

export type RateLimiter = {
  /** Counts one. Throws `too-many-requests`, and says in the answer's headers how much is left. */
  take(c: Context, key: string): void
  /** Counts one without refusing it. */
  count(key: string): void
  /** Throws as `take` does, without counting. */
  check(c: Context, key: string): void
}

/** What is kept of who asked; the one who has not asked for longest is forgotten first. */
const keysMax = 20_000

/**
 * At most `quota` requests per minute and key, in bursts or evenly (GCRA: what is kept is one number, the time at which
 * all that was used has been given back). Memory is bounded; the counts are of this process alone.
 */
export function createRateLimiter(options: {
  name: string
  quota: number
  now: () => Date
  keysMax?: number
}): RateLimiter {
  const { name, now, quota } = options
  const windowMs = 60_000
  const perRequestMs = windowMs / quota
  const fullAt = createBoundedCache<number>({ entriesMax: options.keysMax ?? keysMax })

  const read = (key: string) => {
    const time = now().getTime()
    const at = fullAt.get(key) ?? 0
    // Further ahead than a window it is from before the clock was set back, and says nothing.
    const used = at > time + windowMs ? 0 : Math.max(0, at - time)
    return { time, used, isFull: used + perRequestMs > windowMs }
  }
  const put = (key: string, time: number, used: number) => {
    fullAt.set(key, time + used)
  }
  const refuse = (c: Context, used: number): never => {
    const seconds = Math.max(1, Math.ceil((used + perRequestMs - windowMs) / 1000))
    // draft-ietf-httpapi-ratelimit-headers-10 §§3–4
    c.header('ratelimit-policy', `"${name}";q=${quota};w=${windowMs / 1000}`)
    c.header('retry-after', String(seconds))
    c.header('ratelimit', `"${name}";r=0;t=${seconds}`)
    throw new AppError('too-many-requests', {
      detail: `That was more than ${quota} requests in a minute. Wait ${seconds === 1 ? 'a second' : `${seconds} seconds`} and try again.`,
      retryAfterSeconds: seconds,
    })
  }

  return {
    take: (c, key) => {
      const { isFull, time, used } = read(key)
      if (isFull) refuse(c, used)
      put(key, time, used + perRequestMs)
    },
    count: (key) => {
      const { time, used } = read(key)
      put(key, time, Math.min(windowMs, used + perRequestMs))
    },
    check: (c, key) => {
      const { isFull, used } = read(key)
      if (isFull) refuse(c, used)
    },
  }
}
