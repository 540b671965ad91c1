import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Instances } from '#clusters'
import type { Fleet } from '#fleet'

/** What was called: a provider outside stands where an instance does, and has no namespace. */
export type Called = { instance: string; namespace: string | null; model: string | null }
export type CallOutcome = {
  /** Of the answer; what never came has that of the refusal. */
  status: number
  promptTokens?: number
  completionTokens?: number
  /** Of a stream: until its first byte came. */
  firstByteMs?: number | null
}

/** What Prometheus reads of this replica. No label names a person. */
export type Telemetry = {
  observeRequest(request: { path: string; method: string; status: number }, ms: number): void
  countCall(called: Called, outcome: CallOutcome): void
  expose(): Promise<{ type: string; text: string }>
}

/** Whoever calls chooses names; so many stand apart, and the rest together. */
const modelsMax = 2_000
const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

type Sources = { fleet: Pick<Fleet, 'list'>; instances: Pick<Instances, 'list'> }

export function createTelemetry({ fleet, instances }: Sources): Telemetry {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'hub_http_request_duration_seconds',
    help: 'How long the hub took to begin its answers, by door.',
    labelNames: ['door', 'method', 'status'] as const,
    buckets: seconds,
    registers,
  })
  const labelNames = ['instance', 'namespace', 'model'] as const
  const calls = new Counter({
    name: 'hub_model_calls_total',
    help: 'Calls of models, by what came of them.',
    labelNames: [...labelNames, 'outcome'] as const,
    registers,
  })
  const tokens = new Counter({
    name: 'hub_model_tokens_total',
    help: 'Tokens that models took in (prompt) and made (completion).',
    labelNames: [...labelNames, 'kind'] as const,
    registers,
  })
  const firstBytes = new Histogram({
    name: 'hub_model_first_byte_seconds',
    help: 'Until the first byte of a stream came.',
    labelNames: ['instance'] as const,
    buckets: seconds,
    registers,
  })
  countBy('hub_instances', 'Instances by their state.', registers, () =>
    instances.list().map(({ status }) => status.state),
  )
  countBy('hub_deployments', 'Deployments of all instances by their state.', registers, () =>
    Array.from(fleet.list(), ({ state }) => state),
  )
  const labelsOf = createLabels()

  return {
    observeRequest: ({ method, path, status }, ms) =>
      requests.observe(
        { door: doorOf(path), method, status: `${Math.floor(status / 100)}xx` },
        ms / 1000,
      ),
    countCall: (called, { completionTokens = 0, firstByteMs, promptTokens = 0, status }) => {
      const labels = labelsOf(called)
      calls.inc({ ...labels, outcome: status < 400 ? 'success' : 'error' })
      if (promptTokens > 0) tokens.inc({ ...labels, kind: 'prompt' }, promptTokens)
      if (completionTokens > 0) tokens.inc({ ...labels, kind: 'completion' }, completionTokens)
      if (firstByteMs != null) {
        firstBytes.observe({ instance: called.instance }, firstByteMs / 1000)
      }
    },
    expose: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  }
}

/** Counted when somebody reads it. */
function countBy(name: string, help: string, registers: Registry[], states: () => string[]): void {
  // It belongs to its registry.
  void new Gauge({
    name,
    help,
    labelNames: ['state'] as const,
    registers,
    collect() {
      this.reset()
      for (const state of states()) this.inc({ state })
    },
  })
}

function createLabels() {
  const known = new Set<string>()
  return ({ instance, model, namespace }: Called) => {
    // What a provider outside calls its models comes from the caller.
    const named = namespace === null ? '' : (model ?? '')
    const key = JSON.stringify([instance, namespace, named])
    if (known.size < modelsMax) known.add(key)
    const kept = known.has(key) ? named : 'other'
    return { instance, namespace: namespace ?? '', model: kept }
  }
}

function doorOf(path: string): string {
  const [, first = ''] = path.split('/', 2)
  return ['api', 'v1', 'mcp', 'cli'].includes(first) ? first : 'portal'
}
