import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { fastTimeline, startApiServer, startController } from '@hub/demo'
import { expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { describeAgents } from '../test/agent.ts'
import { serveApp } from '../test/serve-app.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

/** JSON as a tool answered it. */
type Found = ReturnType<typeof JSON.parse>
type CallTool = (name: string, args?: object) => Promise<Found>
type Place = { instance: string; namespace: string; name: string }

const soon = { timeout: 60_000, interval: 100 }
const node = { gpuProduct: 'NVIDIA-L40S', gpuMemoryMiB: 46_068, pool: 'l40s' }
const one = { resources: { gpu: { count: 1 } } }

/** What keeps a deployment on `small` from running; an agent is told none of this. */
const causes: Record<string, object> = {
  'more GPUs than any node has': { resources: { gpu: { count: 8 } } },
  'an image that nobody has': { ...one, image: 'registry.example.com/vllm:missing' },
  'a secret that is not there': { ...one, secrets: { huggingFaceToken: 'hf-token' } },
}

describeAgents(
  'an agent that knows what tools tell it',
  {
    programs: { agent: { role: 'deployer', namespaces: ['default'] } },
    startClusters: async (defer) => {
      const credentials: Record<string, string> = {}
      for (const [name, gpus] of [
        ['small', 4],
        ['large', 8],
      ] as const) {
        const cluster = await startApiServer()
        const kubeconfig = cluster.kubeconfig('client-certificate')
        const controller = startController({
          kubeconfig,
          timeline: fastTimeline,
          nodes: [{ ...node, name: `${name}-1`, gpus }],
        })
        defer(async () => {
          await controller.stop()
          await cluster.stop()
        })
        credentials[name] = kubeconfig
      }
      return credentials
    },
  },
  (world, { tokenOf }) => {
    test('finds out why deployments wait, mends or moves them, and cleans up', async () => {
      await using at = await serveApp(world.hub)
      const token = await tokenOf('agent')
      const agent = new Client(
        { name: 'loop', version: '1' },
        { versionNegotiation: { mode: 'auto' } },
      )
      await agent.connect(
        new StreamableHTTPClientTransport(new URL(`${at.url}/mcp`), {
          requestInit: { headers: { authorization: `Bearer ${token}` } },
        }),
      )
      const call: CallTool = async (name, args = {}) => {
        const result = await agent.callTool({ name, arguments: { ...args } })
        if (result.isError) throw new Error(`${name}: ${JSON.stringify(result.content)}`)
        return result.structuredContent as Found
      }
      const seed = Math.floor(Math.random() * 2 ** 31)
      const shuffled = Object.entries(causes).toSorted(
        (a, b) => scramble(seed, a[0]) - scramble(seed, b[0]),
      )
      const nameOf = (index: number) => `task-${scramble(seed, String(index)).toString(36)}`
      await vi.waitFor(async () => {
        for (const [index, [, broken]] of shuffled.entries()) {
          await call('create_deployment', {
            instance: 'small',
            namespace: 'default',
            name: nameOf(index),
            spec: {
              model: { id: 'Qwen/Qwen3-8B' },
              engine: { type: 'vllm' },
              provider: { name: 'vllm' },
              ...broken,
            },
          }).catch((error: Error) => {
            if (!error.message.includes('already')) throw error
          })
        }
      }, soon)
      const names = shuffled.map((_, index) => nameOf(index))

      await vi.waitFor(async () => {
        await takeCare(call)
        const { items } = await call('list_deployments', { namespace: 'default' })
        const states = names.map((name) => items.find((each: Found) => each.name === name)?.state)
        expect({ seed, states }).toEqual({ seed, states: names.map(() => 'running') })
      }, soon)
      const { items } = await call('list_deployments', { instance: 'large' })
      expect(items).toHaveLength(1)

      await vi.waitFor(async () => {
        await cleanUp(call)
        const { total } = await call('list_deployments', { namespace: 'default' })
        expect(total).toBe(0)
      }, soon)
      await agent.close()
    })
  },
)

/** One round: looks at what does not run, and does what its explanation asks for. */
async function takeCare(call: CallTool): Promise<void> {
  const { items } = await call('list_deployments', { sort: 'status', namespace: 'default' })
  for (const { instance, name, namespace, state } of items) {
    if (state === 'running' || state === 'deleting') continue
    const place = { instance, namespace, name }
    const explained = await call('explain_deployment', place)
    if (explained.state === 'waiting-for-gpus') await move(call, place, explained.uid)
    if (explained.state === 'image-not-pulled') await unset(call, place, 'image')
    if (explained.state === 'secret-missing') await unset(call, place, 'secrets')
  }
}

async function unset(call: CallTool, place: Place, field: string): Promise<void> {
  const patch = { ...place, spec: { [field]: null } }
  await call('change_deployment', { ...patch, dry_run: true })
  await call('change_deployment', patch)
}

/** To the first instance on which a node has room for one replica. */
async function move(call: CallTool, place: Place, uid: string): Promise<void> {
  const { yaml } = await call('get_manifest', place)
  const { spec } = parse(yaml)
  const { items } = await call('list_instances')
  for (const { abilities, id } of items) {
    if (id === place.instance || !abilities.deploy) continue
    const { gpus } = await call('get_capacity', { instance: id })
    const block = Math.max(...gpus.map((pool: Found) => pool.largestFreeBlock))
    if (block < spec.resources.gpu.count) continue
    const there = { ...place, instance: id, spec }
    await call('create_deployment', { ...there, dry_run: true })
    await call('create_deployment', there)
    await call('delete_deployment', { ...place, uid })
    return
  }
}

async function cleanUp(call: CallTool): Promise<void> {
  const { items } = await call('list_deployments', { namespace: 'default' })
  for (const { instance, name, namespace, state, uid } of items) {
    if (state !== 'deleting') await call('delete_deployment', { instance, namespace, name, uid })
  }
}

/** A number from 0 to 2³¹ of a seed and a text (FNV-1a). */
function scramble(seed: number, text: string): number {
  let hash = seed ^ 0x811c9dc5
  for (const char of text) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193)
  return (hash >>> 1) % 2 ** 31
}
