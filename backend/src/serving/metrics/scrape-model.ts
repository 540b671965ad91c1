import type { RequestContext } from '#context'
import { asAppError } from '#errors'
import { openModel, type ModelDeps, type OpenedModel } from '../open-model.ts'
import { readText } from '../read-text.ts'
import type { ServedDeployment } from '../served-deployment.ts'
import { isWanted } from './engine-names.ts'
import { parseExposition } from './parse-exposition.ts'
import { readEngine, type Reading } from './read-engine.ts'

/** What an engine tells of itself, or a sentence of why it tells nothing. */
export type Scrape = { reading: Reading } | { fault: string }

const bytesMax = 2 * 1024 * 1024
const answerMs = 5_000

/** TensorRT-LLM has JSON at the first. */
const paths = [['metrics'], ['prometheus', 'metrics']] as const

type Answer = { status: number; text: string; process: string | undefined }

/**
 * Asks a model for its metrics, and answers whatever comes back. What has none at its own address, which may be for calls
 * alone, is asked by its cluster's service proxy.
 */
export async function scrapeModel(
  ctx: RequestContext,
  deps: ModelDeps,
  deployment: ServedDeployment & { engine: string | null },
): Promise<Scrape> {
  const { engine } = deployment
  let direct: Scrape | null = null
  try {
    const model = openModel(ctx, deps, 'deployment.view', deployment)
    if (model.isDirect()) {
      direct = await scrape(model, engine).catch(describeFailure)
      if ('reading' in direct) return direct
    }
    const byServer = { ...deps, directRoutes: null }
    return await scrape(openModel(ctx, byServer, 'deployment.view', deployment), engine)
  } catch (error) {
    return direct ?? describeFailure(error)
  }
}

function describeFailure(error: unknown): Scrape {
  return { fault: asAppError(error).detail }
}

async function scrape(model: OpenedModel, engine: string | null): Promise<Scrape> {
  let read: Scrape = { fault: 'It has no metrics.' }
  for (const path of paths) {
    const answer = await ask(model, path)
    read = readAnswer(answer, engine)
    const isElsewhere = answer.status === 404 || /^\s*[[{]/.test(answer.text)
    if (!isElsewhere) return read
  }
  return read
}

async function ask(model: OpenedModel, path: readonly [string, ...string[]]): Promise<Answer> {
  const { body, headers, status } = await model.ask({
    method: 'GET',
    path,
    headers: { accept: 'text/plain;version=0.0.4, application/openmetrics-text;q=0.5, */*;q=0.1' },
    timeoutMs: answerMs,
    idleTimeoutMs: answerMs,
  })
  const text = await readText(body, bytesMax + 1)
  // llama.cpp's way to say when it began.
  return { status, text, process: headers['process-start-time-unix'] }
}

function readAnswer({ process, status, text }: Answer, engine: string | null): Scrape {
  const missing = describeMissing(status, engine)
  if (missing !== null) return { fault: missing }
  if (Buffer.byteLength(text) > bytesMax) {
    return { fault: 'Its metrics have more than 2 MiB, more than the hub reads.' }
  }
  const parsed = parseExposition(text, isWanted)
  if ('fault' in parsed) return parsed
  const reading = readEngine(parsed.samples)
  if (reading === null) {
    return {
      fault:
        'Its metrics have no name that the hub knows. It knows those of vLLM, SGLang, TensorRT-LLM, llama.cpp and Dynamo.',
    }
  }
  return { reading: { ...reading, process: reading.process ?? process ?? null } }
}

const flags: Partial<Record<string, string>> = {
  sglang: ' SGLang serves them when it is started with --enable-metrics.',
  llamacpp: ' llama.cpp serves them when it is started with --metrics.',
}

function describeMissing(status: number, engine: string | null): string | null {
  if (status >= 200 && status < 300) return null
  if (status === 404 || status === 501) {
    return `Its engine serves no metrics.${flags[engine ?? ''] ?? ''}`
  }
  if (status === 401 || status === 403) return 'Its engine asks for a key to show its metrics.'
  return `Its engine answered with status ${status} when it was asked for metrics.`
}
