import type { KubeObject, Untyped } from '../objects.ts'

export type Written = { at: number; bytes: Buffer }

const everyMs = 5_000
const linesMax = 500

/** What a model server writes that has the container's state: the same at every look, and longer later. */
export function makeLog(
  pod: KubeObject,
  status: Untyped,
  { isPrevious, until }: { isPrevious: boolean; until: number },
): Written[] {
  const run = isPrevious ? undefined : status.state?.running
  const ended = run ? undefined : (status.lastState?.terminated ?? status.state?.terminated)
  const start = Date.parse(run?.startedAt ?? ended?.startedAt ?? pod.metadata.creationTimestamp)
  const model = argumentOf(pod, '--model') ?? 'the model'
  const begin = [
    `INFO [api_server.py] vLLM API server version 0.11.0`,
    `INFO [api_server.py] Loading ${model}`,
    `INFO [gpu_model_runner.py] Starting to load model ${model}...`,
  ]
  const lines = begin.map((text, i) => toWritten(start + i * 200, text))
  if (ended) return [...lines, ...describeEnd(ended, start)]
  lines.push(
    toWritten(start + 900, 'INFO [weight_utils.py] Loading safetensors checkpoint shards: 100%'),
  )
  const first = Math.max(1, Math.floor((until - start) / everyMs) - linesMax)
  for (let i = first; start + i * everyMs <= until; i += 1) {
    const tokens = 40 + ((i * 37) % 160)
    const text = `{"level":"info","logger":"metrics","msg":"Avg generation throughput: ${tokens}.0 tokens/s, Running: ${i % 7} reqs, Waiting: 0 reqs"}`
    lines.push(toWritten(start + i * everyMs, text))
  }
  return lines.filter(({ at }) => at <= until)
}

function describeEnd({ exitCode, reason }: Untyped, start: number): Written[] {
  const texts =
    reason === 'OOMKilled'
      ? ['INFO [gpu_model_runner.py] Model loading took 63.1 GiB']
      : [
          'Traceback (most recent call last):',
          '  File "/app/server.py", line 212, in <module>',
          `RuntimeError: Engine core initialization failed (exit code ${exitCode})`,
        ]
  return texts.map((text, i) => toWritten(start + 900 + i, text))
}

function argumentOf(pod: KubeObject, name: string): string | undefined {
  const args: string[] = pod.spec.containers[0]?.args ?? []
  const at = args.indexOf(name)
  return at === -1 ? undefined : args[at + 1]
}

function toWritten(at: number, text: string): Written {
  return { at, bytes: Buffer.from(`${text}\n`) }
}
