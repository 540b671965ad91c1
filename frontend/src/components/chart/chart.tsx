import { Suspense, useState } from 'react'
import { lazyNamed } from '../lazy-named.ts'
import type { ChartData } from './chart-data.ts'
import { PlainButton } from '../plain-button.tsx'
import classes from './chart.module.css'

const ChartTable = lazyNamed(async () => {
  await afterFirstLook()
  return import('./chart-table.tsx')
}, 'ChartTable')
const Plot = lazyNamed(async () => {
  await afterFirstLook()
  return import('./plot.tsx')
}, 'Plot')

const firstLookMs = 300

export interface ChartProps {
  /** What it shows: "GPUs in use, the last 6 hours". */
  label: string
  data: ChartData
  height?: number
}

/** Lines over time, and the same numbers in a table for those who do not see them. */
export function Chart({ label, data, height = 180 }: ChartProps) {
  // What draws charts formats numbers in the browser's language as it loads, and fails where that is none, as `en-US@posix`.
  const [canPlot] = useState(() => isLanguage(navigator.language))
  const [asTable, setAsTable] = useState(!canPlot)
  return (
    <figure className={classes.chart} aria-label={label}>
      <figcaption className={classes.legend}>
        {data.series.map(({ name, color }) => (
          <span key={name} className={classes.entry}>
            <span className={classes.key} style={{ background: color }} aria-hidden />
            {name}
          </span>
        ))}
        {canPlot && (
          <PlainButton className={classes.toggle} onClick={() => setAsTable(!asTable)}>
            {asTable ? 'Show as a chart' : 'Show as a table'}
          </PlainButton>
        )}
      </figcaption>
      {asTable ? (
        <Suspense fallback={<div style={{ height }} aria-busy />}>
          <ChartTable label={label} data={data} />
        </Suspense>
      ) : (
        <div aria-hidden style={{ height }}>
          <Suspense fallback={<div aria-busy />}>
            <Plot data={data} height={height} />
          </Suspense>
        </div>
      )}
    </figure>
  )
}

function isLanguage(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1
  } catch {
    return false
  }
}

let firstLook: Promise<void> | undefined

/** What draws is larger than most pages, and nobody comes for it first: it waits until the first page with a chart is there. */
function afterFirstLook(): Promise<void> {
  firstLook ??= new Promise((resolve) => setTimeout(resolve, firstLookMs)).then(idle)
  return firstLook
}

function idle(): Promise<void> {
  return new Promise((resolve) => {
    // Safari has none of it.
    if (typeof requestIdleCallback === 'function')
      requestIdleCallback(() => resolve(), { timeout: 1_000 })
    else setTimeout(resolve, 100)
  })
}
