import type { Instances } from '#clusters'
import type { PrometheusConfig, PrometheusConfigs } from '#config'
import type { RequestContext } from '#context'
import { asAppError } from '#errors'
import { clip, ClusterError, isRecord, type AddressPolicy, type Passage, type Timing } from '#kube'
import { readText } from '../read-text.ts'
import { dialAddress, type Address } from './dial-address.ts'
import { askService } from './ask-service.ts'
import { readMatrix, type Range, type RangeReading } from './read-matrix.ts'
import { writeQuery, writeSelector, type SeriesOf } from './write-query.ts'

/** The Prometheus servers that the operator named, and what they have of models. */
export type Prometheus = {
  /** Whether one is asked of this instance. */
  has(instance: string): boolean
  /** Of the hub's own; a sentence where nothing is known. Only of instances that have one. */
  ask(
    ctx: RequestContext,
    deployment: SeriesOf & { instance: string; engine: string | null },
    rangeSeconds: number,
  ): Promise<RangeReading | { fault: string }>
  close(): Promise<void>
}

export type PrometheusDeps = {
  instances: Instances
  configs: PrometheusConfigs
  addresses: AddressPolicy
  timing: Timing
}

/** What one asks for is asked once for all who look within this time. */
const keptMs = 10_000
const keptMax = 500
const answerMs = 10_000
const bytesMax = 4 * 1024 * 1024
const stepSeconds = 15

type Answer = RangeReading | { fault: string }

export function createPrometheus(deps: PrometheusDeps): Prometheus {
  const { configs, timing } = deps
  const addresses = new Map<string, Address>()
  const kept = new Map<string, { at: number; answer: Promise<Answer> }>()
  const configOf = (instance: string) => configs.get(instance) ?? configs.get('*')

  const open = (config: PrometheusConfig, body: Buffer, asked: Asked): Promise<Passage> => {
    const { at } = config
    const request = {
      method: 'POST' as const,
      body,
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
      },
      timeoutMs: answerMs,
      idleTimeoutMs: answerMs,
    }
    if (at.type === 'service') return askService(asked.ctx, deps, asked.instance, at, request)
    // Instances may share a server, and each has its own token there, or none.
    const key = JSON.stringify([at.url, at.tokenFile, at.caFile])
    const address = addresses.get(key) ?? dialAddress(at, deps)
    addresses.set(key, address)
    return address.ask({ ...request, signal: asked.ctx.signal })
  }

  const ask = async (asked: Asked): Promise<Answer> => {
    const config = configOf(asked.instance)!
    const selector = writeSelector(config, asked)
    const form = new URLSearchParams({
      query: writeQuery(asked.engine, selector),
      start: String(asked.range.startSeconds),
      end: String(asked.range.endSeconds),
      step: String(stepSeconds),
      timeout: `${answerMs / 1000}s`,
    })
    try {
      const { body, status } = await open(config, Buffer.from(form.toString()), asked)
      const text = await readText(body, bytesMax + 1)
      if (Buffer.byteLength(text) > bytesMax) {
        return { fault: 'Its Prometheus answered with more than 4 MiB, more than the hub reads.' }
      }
      if (status !== 200) return { fault: describeStatus(status, text) }
      const read = readMatrix(text, asked.range)
      return 'fault' in read || read.engine !== null ? read : { fault: describeNothing(selector) }
    } catch (error) {
      return { fault: describeFailure(error) }
    }
  }

  return {
    has: (instance) => configOf(instance) !== undefined,
    ask: (ctx, deployment, rangeSeconds) => {
      const { instance, name, namespace } = deployment
      const key = JSON.stringify([instance, namespace, name, rangeSeconds])
      const known = kept.get(key)
      if (known && timing.now() - known.at < keptMs) return known.answer
      const answer = ask({ ...deployment, ctx, range: rangeOf(ctx.now(), rangeSeconds) })
      kept.delete(key)
      kept.set(key, { at: timing.now(), answer })
      // What went wrong may be right the next time.
      void answer.then((read) => {
        if ('fault' in read && kept.get(key)?.answer === answer) kept.delete(key)
      })
      if (kept.size > keptMax) kept.delete(kept.keys().next().value!)
      return answer
    },
    close: async () => {
      await Promise.all([...addresses.values()].map((address) => address.close()))
    },
  }
}

type Asked = Parameters<Prometheus['ask']>[1] & { ctx: RequestContext; range: Range }

/** At whole steps, so that charts do not shift as they are asked again. */
function rangeOf(now: Date, rangeSeconds: number): Range {
  const endSeconds = Math.floor(now.getTime() / 1000 / stepSeconds) * stepSeconds
  return { startSeconds: endSeconds - rangeSeconds, endSeconds, stepSeconds }
}

function describeStatus(status: number, text: string): string {
  if (status === 401 || status === 403) {
    return `Its Prometheus does not let the hub ask (${status}). An administrator of the hub can give it a token in HUB_PROMETHEUS.`
  }
  if (status === 404 || status === 503) {
    return `No Prometheus answers where HUB_PROMETHEUS says that it is (${status}). An administrator of the hub can check the address.`
  }
  const said = findError(text)
  return said === null
    ? `Its Prometheus answered with status ${status}.`
    : `Its Prometheus answered with status ${status}: ${said}`
}

function findError(text: string): string | null {
  try {
    const answer: unknown = JSON.parse(text)
    const said = isRecord(answer) ? answer['error'] : null
    return typeof said === 'string' && said !== '' ? clip(said.toWellFormed(), 300) : null
  } catch {
    return null
  }
}

function describeNothing(selector: string): string {
  return `Its Prometheus has no series of an engine's metrics with ${selector}. Check that it scrapes the pods, such as by a PodMonitor.`
}

function describeFailure(error: unknown): string {
  if (error instanceof ClusterError) return `Its Prometheus ${error.message}.`
  const { code, detail } = asAppError(error)
  return code === 'internal' ? 'Its Prometheus could not be asked.' : `Its Prometheus: ${detail}`
}
