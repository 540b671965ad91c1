import { useMemo, useState } from 'react'
import { useWidth } from '../../components/use-width.ts'
import { drawMap } from './draw-map.ts'
import { findCell, layOutMap, type MapSizes } from './lay-out-map.ts'
import { describeCell, type MapCell, type MapInstance } from './map-cells.ts'
import classes from './gpu-map.module.css'

export interface InstanceMapProps {
  instance: MapInstance
  /** What the picture says in words. */
  words: string
  sizes: MapSizes
  colorOf: ReadonlyMap<string, number>
  onOpen: (instance: string, cell: MapCell) => void
}

/** The GPUs of one instance, for the eye: everything in it stands in the table as well. */
export function InstanceMap({ instance, words, sizes, colorOf, onOpen }: InstanceMapProps) {
  const [ref, width] = useWidth<HTMLDivElement>()
  const layout = useMemo(
    () => (width === 0 ? null : layOutMap(instance, width, sizes)),
    [instance, width, sizes],
  )
  const shapes = useMemo(() => layout && drawMap(layout, colorOf), [layout, colorOf])
  const [hint, setHint] = useState<{ text: string; x: number; y: number } | null>(null)

  const find = (event: React.MouseEvent) => {
    const box = event.currentTarget.getBoundingClientRect()
    const [x, y] = [event.clientX - box.left, event.clientY - box.top]
    const found = layout && findCell(layout, x, y)
    return found && { ...found, x, y }
  }
  return (
    <div ref={ref} className={classes.picture}>
      {layout && (
        // What a click opens is a link in the table too.
        // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
        <svg
          role="img"
          aria-label={`GPUs of ${instance.id}: ${words}`}
          width={width}
          height={layout.height}
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
        >
          {shapes?.map(({ color, path, width: thick }) => (
            <path key={color} d={path} fill="none" stroke={color} strokeWidth={thick} />
          ))}
        </svg>
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
