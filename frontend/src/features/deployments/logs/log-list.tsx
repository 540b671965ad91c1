import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useEffect, useRef } from 'react'
import { levelOf, toShownText, type LogLine } from './log-line.ts'
import classes from './logs.module.css'

export interface LogListProps {
  lines: readonly LogLine[]
  /** Lines of more than one container stand beside each other. */
  withPod: boolean
  withTime: boolean
  wraps: boolean
  /** Whether it stays at the newest line. */
  follows: boolean
  onFollow: (follows: boolean) => void
}

const lineHeight = 20

/** The lines themselves: only those in sight are drawn, and what scrolls is reachable by keyboard. */
export function LogList({ lines, withPod, withTime, wraps, follows, onFollow }: LogListProps) {
  const scroll = useRef<HTMLElement>(null)
  // Nothing here is memoized by a compiler.
  // oxlint-disable-next-line react/incompatible-library
  const list = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => lineHeight,
    getItemKey: (index) => lines[index]!.key,
    overscan: 20,
  })
  const last = lines.at(-1)?.key
  useEffect(() => {
    if (follows && lines.length > 0) list.scrollToIndex(lines.length - 1, { align: 'end' })
  }, [follows, last, lines.length, list])
  return (
    <section
      ref={scroll}
      className={classes.scroll}
      data-wraps={wraps || undefined}
      // What scrolls has to be reachable by keyboard (WCAG 2.1.1).
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      aria-label="Log"
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        const isAtEnd = scrollHeight - scrollTop - clientHeight < lineHeight * 2
        if (isAtEnd !== follows) onFollow(isAtEnd)
      }}
    >
      <div className={classes.lines} style={{ height: list.getTotalSize() }}>
        {list.getVirtualItems().map(({ key, index, start }) => (
          <div
            key={key}
            ref={wraps ? list.measureElement : undefined}
            data-index={index}
            className={classes.line}
            style={{ transform: `translateY(${start}px)` }}
          >
            <Line line={lines[index]!} withPod={withPod} withTime={withTime} />
          </div>
        ))}
      </div>
    </section>
  )
}

const Line = memo(function Line({
  line: { at, container, pod, text },
  withPod,
  withTime,
}: Pick<LogListProps, 'withPod' | 'withTime'> & { line: LogLine }) {
  return (
    <>
      {withTime && at !== null && <span className={classes.time}>{at} </span>}
      {withPod && (
        <span className={classes.pod}>
          {pod}/{container}{' '}
        </span>
      )}
      <span data-level={levelOf(text) ?? undefined}>{toShownText(text)}</span>
    </>
  )
})
