import { Usage, UsageQuery } from '@hub/shared'
import { toCsvLine } from '#csv'
import { defineOperation } from '#operation'
import { getUsage, type UsageDeps } from './get-usage.ts'

const csv = 'text/csv'

export const usageOperations = [
  defineOperation({
    id: 'getUsage',
    tag: 'Usage',
    summary: 'Who used which models, and how much',
    description:
      "Requests, tokens and GPU hours by hour or day: the caller's own, or with `who=all` everybody's, for administrators. Counts are up to ten seconds old, GPU hours up to a minute.",
    policy: 'signed-in',
    effect: 'read',
    input: { query: UsageQuery },
    output: {
      json: Usage,
      events: {
        type: csv,
        description:
          'The sums, one line each, for `format=csv` too: RFC 4180 with a header, safe to open in a spreadsheet.',
      },
    },
    tool: {
      name: 'get_usage',
      description:
        "How many requests, tokens and GPU hours were used, by caller, team, instance, namespace or model: your own, or with who=all everybody's, for administrators.",
      without: ['format'],
    },
    http: { method: 'get', path: '/api/usage', status: 200 },
    async run(ctx, deps: UsageDeps, { query: { format, ...query }, wantsEvents = false }) {
      const usage = await getUsage(ctx, deps, query)
      if (format !== 'csv' && !wantsEvents) return usage
      return {
        type: `${csv}; charset=utf-8; header=present`,
        body: new Blob([toCsv(usage)]).stream(),
        fileName: `usage-by-${usage.by}-${usage.from.slice(0, 10)}.csv`,
      }
    },
  }),
] as const

const columns = [
  'requests',
  'errors',
  'promptTokens',
  'completionTokens',
  'firstByteMs',
  'gpuHours',
] as const

function toCsv({ by, items }: Usage): string {
  return [
    [by, 'name', ...columns],
    ...items.map((item) => [
      item.key,
      item.label,
      ...columns.map((column) => String(item[column] ?? '')),
    ]),
  ]
    .map(toCsvLine)
    .join('')
}
