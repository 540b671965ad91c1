/** One line of a container's log. */
export interface LogLine {
  /** Ascending in the order in which lines came; what a list knows it by. */
  key: number
  pod: string
  container: string
  /** When the container wrote it; null where the cluster did not say. */
  at: string | null
  text: string
}

export type LogLevel = 'error' | 'warning' | 'info' | 'debug'

/** klog's header: `E0102 15:04:05.678901 …`. */
const klog = /^([IWEF])\d{4} \d\d:\d\d:\d\d/
const klogLevels: Record<string, LogLevel> = { I: 'info', W: 'warning', E: 'error', F: 'error' }
/** A word near the beginning, as vLLM, SGLang, Python's logging and most others write it. */
const word = /^.{0,48}?\b(FATAL|CRITICAL|ERROR|WARN(?:ING)?|INFO|DEBUG|TRACE)\b/
const jsonLevel = /"(?:level|severity|lvl)"\s*:\s*"([A-Za-z]+)"/

/** How bad a line says it is; null where it does not say. */
export function levelOf(text: string): LogLevel | null {
  const header = klog.exec(text)
  if (header) return klogLevels[header[1]!]!
  const named = text.startsWith('{') ? jsonLevel.exec(text)?.[1] : word.exec(text)?.[1]
  return named === undefined ? null : readLevel(named.toUpperCase())
}

function readLevel(name: string): LogLevel | null {
  if (/^(FATAL|CRITICAL|PANIC|ERR(OR)?|EMERGENCY|ALERT)$/.test(name)) return 'error'
  if (/^WARN(ING)?$/.test(name)) return 'warning'
  if (/^(INFO|NOTICE)$/.test(name)) return 'info'
  return /^(DEBUG|TRACE)$/.test(name) ? 'debug' : null
}

/** Colours and cursor movements of terminals (ECMA-48 CSI and OSC sequences), which a page does not follow. */
// oxlint-disable-next-line no-control-regex
const escapes = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g
// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/** A line as it can be shown: without what terminals obey, and with a mark for what no font has. */
export function toShownText(text: string): string {
  return text.replace(escapes, '').replace(controls, '\u00b7')
}

/** Those in which every word is found, whatever its case; all where nothing is searched for. */
export function searchLines(lines: readonly LogLine[], search: string): readonly LogLine[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return lines
  return lines.filter(({ text }) => {
    const lower = text.toLowerCase()
    return words.every((each) => lower.includes(each))
  })
}

/** What a page keeps of a log: the latest lines, and how many came before them. */
export interface KeptLines {
  lines: readonly LogLine[]
  /** Let go to make room. */
  forgotten: number
}

/** The lines kept with some more: the latest `most`. Room is made in large steps, so that lists are not copied each time. */
export function keepLines(kept: KeptLines, more: readonly LogLine[], most: number): KeptLines {
  const all = [...kept.lines, ...more]
  if (all.length <= most * 1.2) return { ...kept, lines: all }
  const lines = all.slice(-most)
  return { lines, forgotten: kept.forgotten + all.length - lines.length }
}

/** The lines as a file, in the form `kubectl logs --prefix --timestamps` has. */
export function toFile(lines: readonly LogLine[], manyPods: boolean): string {
  return lines
    .map(({ pod, container, at, text }) => {
      const prefix = manyPods ? `[pod/${pod}/${container}] ` : ''
      return `${prefix}${at === null ? '' : `${at} `}${text}\n`
    })
    .join('')
}
