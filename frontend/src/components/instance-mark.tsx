import classes from './instance-mark.module.css'

const hues = 8

/** The mark of an instance beside its name: two letters in a colour of its own, and a frame where it is production. */
export function InstanceMark({ id, size = 20 }: { id: string; size?: number }) {
  return (
    <span
      className={classes.mark}
      data-hue={hueOf(id)}
      data-production={isProduction(id) || undefined}
      style={{ width: size, height: size, fontSize: size * 0.5 }}
      data-letters={lettersOf(id)}
      aria-hidden
    />
  )
}

/** By its name, as people name what others depend on: `prod`, `prd`, `production` or `live` between hyphens. */
export function isProduction(id: string): boolean {
  return /(^|-)(prod|prd|production|live)\d*(-|$)/.test(id)
}

/** The first letters of the first and the last part: "pe" for prod-east. */
export function lettersOf(id: string): string {
  const parts = id.split('-').filter(Boolean)
  const [first = '', last = ''] = [parts[0], parts.length > 1 ? parts.at(-1) : parts[0]?.slice(1)]
  return first.charAt(0) + last.charAt(0)
}

function hueOf(id: string): number {
  let sum = 0
  for (let at = 0; at < id.length; at += 1) sum = (sum * 31 + id.charCodeAt(at)) % 9_973
  return sum % hues
}
