import type { GpuPool } from '@hub/shared'
import { sharesOfPool } from './capacity.ts'
import classes from './gpu-bar.module.css'

/** For the eye alone: the numbers stand beside it. */
export function GpuBar({ pool }: { pool: GpuPool }) {
  const { used, free, reserved, unavailable } = sharesOfPool(pool)
  return (
    <div className={classes.bar} aria-hidden>
      {used !== null && <Segment kind="used" share={used} />}
      <Segment kind={used === null ? 'unknown' : 'free'} share={free} />
      <Segment kind="reserved" share={reserved} />
      <Segment kind="unavailable" share={unavailable} />
    </div>
  )
}

function Segment({ kind, share }: { kind: string; share: number }) {
  if (share === 0) return null
  return <span className={classes.segment} data-kind={kind} style={{ width: `${share}%` }} />
}
