import 'uplot/dist/uPlot.min.css'
import { useComputedColorScheme } from '@mantine/core'
import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import { useWidth } from '../use-width.ts'
import type { ChartData } from './chart-data.ts'

interface PlotProps {
  data: ChartData
  height: number
}

/** The lines themselves, for the eye alone. Other series, another span or another scheme are another plot; other values are not. */
export function Plot(props: PlotProps) {
  const scheme = useComputedColorScheme()
  const names = props.data.series.map(({ name, color }) => `${name}=${color}`).join()
  return <Lines key={`${scheme} ${props.data.spanMs} ${names}`} {...props} />
}

function Lines({ data, height }: PlotProps) {
  const [ref, width] = useWidth<HTMLDivElement>()
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const latest = useRef(data)
  useEffect(() => {
    latest.current = data
    plot.current?.setData(toAligned(data))
  }, [data])
  useEffect(() => {
    if (!host.current || width === 0) return
    const created = new uPlot(
      describePlot(latest.current, { width, height }),
      toAligned(latest.current),
      host.current,
    )
    plot.current = created
    return () => {
      plot.current = null
      created.destroy()
    }
  }, [width, height])
  return (
    <div ref={ref}>
      <div ref={host} />
    </div>
  )
}

function describePlot(
  { atLeast = 1, format, series, spanMs = 0 }: ChartData,
  size: { width: number; height: number },
): uPlot.Options {
  const style = getComputedStyle(document.documentElement)
  const read = (color: string) =>
    color.startsWith('var(') ? style.getPropertyValue(color.slice(4, -1)).trim() : color
  const axis: uPlot.Axis = {
    stroke: read('var(--mantine-color-dimmed)'),
    font: `12px ${style.getPropertyValue('--mantine-font-family')}`,
    grid: { stroke: read('var(--hub-rule)'), width: 1 },
    ticks: { show: false },
  }
  return {
    ...size,
    legend: { show: false },
    cursor: { show: false },
    // The last moment stands half beside the plot.
    padding: [8, 24, 0, 0],
    scales: {
      x: {
        range: (_plot, min, max) => [Math.min(min, max - spanMs / 1000), max],
      },
      y: { range: (_plot, _min, max) => [0, Math.max(atLeast, max)] },
    },
    axes: [
      { ...axis, size: 28, values: (_plot, splits) => formatMoments(splits) },
      {
        ...axis,
        size: format ? 64 : 48,
        ...(format && { values: (_plot, splits) => splits.map(format) }),
      },
    ],
    series: [
      {},
      ...series.map(({ name, color }) => ({
        label: name,
        stroke: read(color),
        width: 2,
        points: { show: false },
      })),
    ],
  }
}

const daysSeconds = 2 * 86_400

/** Of what is longer, each day once. */
function formatMoments(splits: readonly number[]): string[] {
  if ((splits.at(-1) ?? 0) - (splits[0] ?? 0) <= daysSeconds) return splits.map(formatMoment)
  const days = splits.map((seconds) =>
    new Date(seconds * 1000).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' }),
  )
  return days.map((day, index) => (day === days[index - 1] ? '' : day))
}

function formatMoment(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds % 60 !== 0 && { second: '2-digit' }),
  })
}

function toAligned({ at, series }: ChartData): uPlot.AlignedData {
  return [at.map((ms) => ms / 1000), ...series.map(({ values }) => [...values])]
}
