import type { Instance } from '@hub/shared'
import { describePool, isPlainGpu } from './capacity.ts'
import { nameProduct } from '../../lib/name-product.ts'
import { GpuBar } from './gpu-bar.tsx'
import classes from './gpu-summary.module.css'

/** A bar for each product, as a card has room for. */
export function GpuSummary({ instance: { capacity, status } }: { instance: Instance }) {
  const { gpus } = capacity
  // An instance that cannot be read says so once.
  const reason = status.reason === null ? capacity.reason : null
  if (gpus === null || gpus.length === 0) {
    return (
      <p className={classes.none}>
        {gpus === null ? 'GPUs unknown' : 'No GPUs'}
        {reason !== null && `. ${reason}`}
      </p>
    )
  }
  return (
    <ul className={classes.pools} aria-label="GPUs">
      {gpus.map((pool) => {
        const { inUse, notes } = describePool(pool)
        return (
          <li key={`${pool.product} ${pool.resource}`}>
            <div className={classes.line}>
              <span className={classes.product}>
                {nameProduct(pool.product)}
                {!isPlainGpu(pool) && <span className={classes.dimmed}> {pool.resource}</span>}
              </span>
              <span className={classes.free}>{inUse}</span>
            </div>
            <GpuBar pool={pool} />
            {notes.length > 0 && <span className={classes.dimmed}>{notes.join(', ')}</span>}
          </li>
        )
      })}
      {reason !== null && <li className={classes.dimmed}>{reason}</li>}
    </ul>
  )
}
