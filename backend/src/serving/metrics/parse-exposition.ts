import { parseLabels, type Labels } from './parse-labels.ts'

export type Sample = { labels: Labels; value: number }

/** The samples that were wanted, by name; each series once. */
export type Exposition = ReadonlyMap<string, readonly Sample[]>

const lineLengthMax = 16 * 1024
/** Of all wanted names together: far more than any engine has. */
const samplesMax = 20_000
const number = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

/**
 * Reads what Prometheus scrapes, in its text format or in OpenMetrics', of the names that are wanted; a colon of a name
 * is an underscore. Whatever it is given, it answers with what can be read, or with a sentence (`fault`) of why nothing
 * can. What is no number is left out, and of a series that comes twice the last counts.
 */
export function parseExposition(
  text: string,
  isWanted: (name: string) => boolean,
): { samples: Exposition } | { fault: string } {
  const start = text.trimStart().slice(0, 1)
  if (start === '') return { fault: 'It answered with nothing.' }
  if (start === '<') return { fault: 'It answered with a web page instead of metrics.' }
  const byName = new Map<string, Map<string, Sample>>()
  let [good, bad, kept] = [0, 0, 0]
  for (const line of completeLines(text)) {
    if (line === '' || line.startsWith('#')) continue
    const read = readLine(line, isWanted)
    if (read === null) bad += 1
    else good += 1
    if (!read?.sample) continue
    const series = byName.get(read.name) ?? new Map<string, Sample>()
    byName.set(read.name, series.set(identify(read.sample.labels), read.sample))
    if ((kept += 1) > samplesMax) {
      return { fault: `Its metrics have more than ${samplesMax} series, more than the hub reads.` }
    }
  }
  if (good === 0 || bad > good) {
    return { fault: "What it answered is not in Prometheus' text format." }
  }
  return {
    samples: new Map([...byName].map(([name, series]) => [name, [...series.values()]])),
  }
}

/** What has no end may have been cut off within a number. */
function* completeLines(text: string): Generator<string> {
  let start = 0
  for (;;) {
    const end = text.indexOf('\n', start)
    if (end === -1) return
    yield text.slice(start, Math.min(end, start + lineLengthMax + 1)).trim()
    start = end + 1
  }
}

/** Null where it is no line of the format; without a sample where it is none that is wanted or known. */
function readLine(
  line: string,
  isWanted: (name: string) => boolean,
): { name: string; sample: Sample | null } | null {
  // A name in quotes stands within the braces; no engine has one.
  if (line.startsWith('{"')) return { name: '', sample: null }
  const found = /^[a-zA-Z_:][\w:]*/.exec(line)?.[0]
  if (found === undefined || line.length > lineLengthMax) return null
  const name = found.replaceAll(':', '_')
  if (!/^[ \t{]/.test(line.slice(found.length))) return null
  if (!isWanted(name)) return { name, sample: null }
  const after = found.length + /^[ \t]*/.exec(line.slice(found.length))![0].length
  const given = line[after] === '{' ? parseLabels(line, after) : noLabels(found)
  if (given === null) return null
  // After the value may come a time, and in OpenMetrics an exemplar.
  const [value = ''] = line
    .slice(given.end)
    .trim()
    .split(/[ \t]+/, 1)
  if (number.test(value)) {
    const parsed = Number(value)
    return {
      name,
      sample: Number.isFinite(parsed) ? { labels: given.labels, value: parsed } : null,
    }
  }
  return /^([+-]?Inf|NaN)$/i.test(value) ? { name, sample: null } : null
}

function noLabels(name: string): { labels: Labels; end: number } {
  return { labels: new Map(), end: name.length }
}

function identify(labels: Labels): string {
  return JSON.stringify([...labels].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
