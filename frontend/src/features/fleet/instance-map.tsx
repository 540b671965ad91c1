import { useComputedColorScheme } from '@mantine/core'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useWidth } from '../../components/use-width.ts'
import { drawMap } from './draw-map.ts'
import { findCell, layOutMap, type MapSizes } from './lay-out-map.ts'
import { describeCell, describeInstanceGpus, type MapCell, type MapInstance } from './map-cells.ts'
import { readColors } from './read-colors.ts'
import classes from './gpu-map.module.css'

export interface InstanceMapProps {
  instance: MapInstance
  sizes: MapSizes
  colorOf: ReadonlyMap<string, number>
  onOpen: (instance: string, cell: MapCell) => void
}

/** The GPUs of one instance, for the eye: everything in it stands in the table as well. */
export function InstanceMap({ instance, sizes, colorOf, onOpen }: InstanceMapProps) {
  const [ref, width] = useWidth<HTMLDivElement>()
  const canvas = useRef<HTMLCanvasElement>(null)
  const scheme = useComputedColorScheme()
  const layout = useMemo(
    () => (width === 0 ? null : layOutMap(instance, width, sizes)),
    [instance, width, sizes],
  )
  const [hint, setHint] = useState<{ text: string; x: number; y: number } | null>(null)
  useEffect(() => {
    const target = canvas.current
    if (!target || !layout) return
    // After the words are on the screen, and in a task of its own: thousands of cells take a while.
    const timer = setTimeout(() => {
      const scale = window.devicePixelRatio
      drawMap(target, layout, { width, scale, colors: readColors(scheme) }, colorOf)
    })
    return () => clearTimeout(timer)
  }, [layout, width, scheme, colorOf])

  const find = (event: React.MouseEvent) => {
    const box = event.currentTarget.getBoundingClientRect()
    const [x, y] = [event.clientX - box.left, event.clientY - box.top]
    const found = layout && findCell(layout, x, y)
    return found && { ...found, x, y }
  }
  return (
    <div ref={ref} className={classes.canvas}>
      {layout && (
        // What a click opens is a link in the table too.
        // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
        <canvas
          ref={canvas}
          // An <img> cannot be drawn on.
          // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
          role="img"
          aria-label={`GPUs of ${instance.id}: ${describeInstanceGpus(instance)}`}
          style={{ width, height: layout.height }}
          data-pointing={hint !== null || undefined}
          onMouseMove={(event) => {
            const found = find(event)
            if (!found) return setHint(null)
            const text = describeCell(found.cell, found.at.node)
            setHint({ text, x: found.x, y: found.y })
          }}
          onMouseLeave={() => setHint(null)}
          onClick={(event) => {
            const found = find(event)
            if (found) onOpen(instance.id, found.cell)
          }}
        />
      )}
      {hint && (
        <div
          className={classes.hint}
          data-end={hint.x > width / 2 || undefined}
          style={{ left: hint.x, top: hint.y }}
          aria-hidden
        >
          {hint.text}
        </div>
      )}
    </div>
  )
}
