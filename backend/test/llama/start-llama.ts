import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A real engine in a process of its own, whose model knows nothing; `modules` is where node-llama-cpp is. */
export async function startLlama(modules: string) {
  const program = fileURLToPath(new URL('serve-llama.ts', import.meta.url))
  const child = spawn(process.execPath, [program, modules], { stdio: ['pipe', 'pipe', 'pipe'] })
  let output = ''
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const exited = once(child, 'exit')
  const said = await Promise.race([once(child.stdout, 'data'), exited.then(() => null)])
  const port = Number(String(said?.[0]))
  if (!Number.isInteger(port) || port === 0) throw new Error(`llama.cpp did not start:\n${output}`)
  return {
    port,
    counts: async () => {
      const response = await fetch(`http://127.0.0.1:${port}/counts`)
      return (await response.json()) as { begun: number; tokens: number; aborted: number }
    },
    stop: async () => {
      child.stdin.end()
      await exited
    },
  }
}
