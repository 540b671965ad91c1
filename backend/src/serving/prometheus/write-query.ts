import type { MetricName } from '@hub/shared'
import type { PrometheusConfig } from '#config'
import {
  engineNames,
  nameOf,
  type Distribution,
  type EngineNames,
  type Source,
} from '../metrics/engine-names.ts'

/** Which series are of a deployment: `others` are names in its namespace that begin as its own does. */
export type SeriesOf = { namespace: string; name: string; others: readonly string[] }

/** Several of whatever interval series are scraped at. */
const window = '[2m]'
const quantiles = { P50: '0.5', P95: '0.95', P99: '0.99' } as const

/**
 * One question for all that charts show: each answer carries what it is in the label `metric`, and whose words it is in
 * `engine`. Without an engine it asks in the words of all.
 */
export function writeQuery(engine: string | null, selector: string): string {
  const known = engineNames.filter((names) => names.engine === engine || names.engine === 'dynamo')
  const asked = engine === null || known.length < 2 ? engineNames : known
  return asked.flatMap((names) => writeEngine(names, selector)).join('\nor\n')
}

/** The label matchers of a deployment's pods, without braces. */
export function writeSelector(
  { labels, namespaceLabel, podLabel }: Omit<PrometheusConfig, 'at'>,
  { name, namespace, others }: SeriesOf,
): string {
  const notOf = others.map((other) => `${escapePattern(other)}-.+`).join('|')
  return [
    `${namespaceLabel}=${quote(namespace)}`,
    `${podLabel}=~${quote(`${escapePattern(name)}-.+`)}`,
    ...(notOf === '' ? [] : [`${podLabel}!~${quote(notOf)}`]),
    ...[...labels].map(([label, value]) => `${label}=${quote(value)}`),
  ].join(',')
}

function writeEngine({ counters, distributions, engine, gauges }: EngineNames, selector: string) {
  const select = (source: Source) => writeSource(source, selector)
  const rateOf = (source: Source) => `sum(rate(${select(source)}${window}))`
  const found: (readonly [MetricName, string])[] = []
  const add = (name: MetricName, expressions: readonly string[]) => {
    if (expressions.length > 0) found.push([name, expressions.join(' or ')])
  }
  for (const name of ['requestsRunning', 'requestsWaiting'] as const) {
    add(
      name,
      (gauges[name] ?? []).map((source) => `sum(${select(source)})`),
    )
  }
  // Of several schedulers the fullest says whether there is room.
  const fullest = (source: Source) => `clamp_max(max(${select(source)}), 1)`
  add('kvCacheUse', (gauges.kvCacheUse ?? []).map(fullest))
  const [hits, queries] = [counters.prefixHits ?? [], counters.prefixQueries ?? []]
  add('prefixHitRate', [
    ...hits.flatMap((hit, index) => {
      const query = queries[index]
      return query === undefined ? [] : [`clamp_max(${rateOf(hit)} / (${rateOf(query)} > 0), 1)`]
    }),
    ...(gauges.prefixHitRate ?? []).map(fullest),
  ])
  for (const name of ['requestsFinished', 'promptTokens', 'generatedTokens'] as const) {
    add(name, (counters[name] ?? []).map(rateOf))
  }
  // A counter of which no series counts yet is at nothing.
  add(
    'requestsFailed',
    (counters.requestsFailed ?? []).flatMap((source) =>
      typeof source === 'string'
        ? [rateOf(source)]
        : [rateOf(source), `${rateOf(source.name)} * 0`],
    ),
  )
  for (const [name, sources] of Object.entries(distributions) as [Distribution, string[]][]) {
    for (const [suffix, share] of Object.entries(quantiles) as ['P50', string][]) {
      const of = (source: string) =>
        `histogram_quantile(${share}, sum by (le) (rate(${select(`${source}_bucket`)}${window})))`
      add(`${name}${suffix}`, sources.map(of))
    }
  }
  return found.map(([name, expression]) => tag(`(${expression})`, { metric: name, engine }))
}

function tag(expression: string, labels: Record<string, string>): string {
  return Object.entries(labels).reduce(
    (inner, [label, value]) => `label_replace(${inner}, "${label}", "${value}", "", "")`,
    expression,
  )
}

/** The first underscore may be a colon: exporters and relabelling write either. */
function writeSource(source: Source, selector: string): string {
  const name = quote(escapePattern(nameOf(source)).replace('_', '[:_]'))
  const where =
    typeof source === 'string'
      ? ''
      : `,${source.where.label}=~${quote(source.where.values.map(escapePattern).join('|'))}`
  return `{__name__=~${name}${where},${selector}}`
}

/** For RE2, which Prometheus anchors at both ends. */
function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.|?*+()[\]{}]/g, String.raw`\$&`)
}

/** As PromQL writes texts. */
function quote(text: string): string {
  return JSON.stringify(text)
}
