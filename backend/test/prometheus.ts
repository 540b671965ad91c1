import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** Where a pod is scraped, and what the cluster's discovery would say of it. */
export type ScrapedPod = { port: number; labels: Record<string, string> }

/** A real Prometheus of this program, which scrapes these every second. */
export async function startPrometheus(program: string, port: number, pods: readonly ScrapedPod[]) {
  const folder = await mkdtemp(join(tmpdir(), 'hub-prometheus-'))
  const file = join(folder, 'prometheus.json')
  const scrape = {
    job_name: 'models',
    static_configs: pods.map(({ labels, port: at }) => ({ targets: [`127.0.0.1:${at}`], labels })),
  }
  // JSON is YAML.
  const config = { global: { scrape_interval: '1s' }, scrape_configs: [scrape] }
  await writeFile(file, JSON.stringify(config))
  const child = spawn(
    program,
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let output = ''
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const exited = once(child, 'exit')
  for (let tries = 0; ; tries += 1) {
    const isReady = await fetch(`http://127.0.0.1:${port}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isReady) break
    if (tries === 300 || child.exitCode !== null) {
      throw new Error(`Prometheus did not start:\n${output}`)
    }
    await delay(100)
  }
  return {
    stop: async () => {
      child.kill()
      await exited
      await rm(folder, { recursive: true, force: true })
    },
  }
}
