import { makeToken } from './api-token.ts'
import { startAccessTokenIssuer } from './access-token-issuer.ts'
import { median, percentile, round, summarize, type Benchmark, type World } from './benchmark.ts'
import { startLitellm, startNginx, type Peer, type RestingPeer } from './gateway-peers.ts'
import { startHub, waitUntil, type Hub } from './hub.ts'
import { startModelCallers, type CallResult, type ModelCallers } from './model-callers.ts'
import { model, startModelFarm } from './model-farm.ts'

const rounds = 5
const seconds = 5
const offered = { whole: { perSecond: 200 }, streams: 64 } as const
const saturating = { whole: { callers: 16 }, streams: 0 } as const
/** Tokens are made at most 60 a minute. */
const callers = { programs: 150, people: 50 }
const audience = 'hub'
const heldStreams = [1_000, 2_000, 3_000, 4_000, 5_000]
/** A cluster passes at most 512 on at once. */
const heldClusters = 10
const goals = { p50Ms: 1, p99Ms: 8, firstToken: 1.1, cpu: 20, heldMiB: 1_000 }
const limits = { requestsPerMinute: 1_000_000, tokensPerDay: 1_000_000_000 }

/** What the gateway adds to a call of a model, beside a proxy that only passes on, and beside LiteLLM. */
export const gateway: Benchmark = {
  id: 'P6',
  async run(world) {
    const farm = await startModelFarm(world, 1 + heldClusters)
    const issuer = await startAccessTokenIssuer(world, audience)
    const people = Array.from({ length: callers.people }, (_, index) => `person-${index}`)
    const programs = Array.from({ length: callers.programs }, (_, index) => `program-${index}`)
    const hub = await startHub(world, {
      people,
      grants: [
        ...people.map((person) => `oidc:${person}`),
        ...programs.map((program) => `service:${program}@${issuer.issuer}`),
      ].map((principal) => ({ principal, role: 'viewer', limits })),
      credentials: Object.fromEntries(
        farm.clusters.map(({ kubeconfig }, index) => [`cluster-${index}`, kubeconfig]),
      ),
      env: { JWT_ISSUERS: `${issuer.issuer};${audience}` },
    })
    const tokens = programs.map((program) => issuer.tokenFor(program))
    for (const person of people) tokens.push(await makeToken(hub.origin, await hub.signIn(person)))
    const url = `${hub.origin}/v1`
    await waitUntil('the hub knows every model', 60, async () => {
      const headers = { authorization: `Bearer ${tokens[0]!}`, accept: 'application/json' }
      const { data } = (await (await fetch(`${url}/models`, { headers })).json()) as {
        data: { id: string }[]
      }
      return data.filter(({ id }) => id.startsWith('cluster-')).length === farm.clusters.length
    })
    const [first] = farm.clusters
    const nginx = await startNginx(world, first!)
    const litellm = await startLitellm(world, first!)
    litellm?.rest()
    const load = startModelCallers(world)
    const ofHub = { url, model: 'cluster-0/team/qwen', tokens }

    for (const to of [ofHub, ofPeer(nginx)]) await load.call({ ...to, ...offered, seconds: 3 })
    const measured: Measured[] = []
    for (let index = 1; index <= rounds; index += 1) {
      const through = {
        nginx: checked('nginx', await load.call({ ...ofPeer(nginx), ...offered, seconds })),
        hub: checked('the hub', await load.call({ ...ofHub, ...offered, seconds })),
      }
      const cpu = {
        hub: await measureCpu(load, ofHub, hub),
        litellm: litellm && (await measureResting(load, litellm)),
      }
      const one = compare(through.hub, through.nginx, cpu)
      measured.push(one)
      world.say(`round ${index}: ${describe(one)}`)
    }
    const held = await holdStreams(world, load, { url, model, tokens }, hub)
    return conclude(measured, held)
  },
}

type Measured = {
  p50Ms: number
  p99Ms: number
  firstByte: { p50: number; p99: number }
  firstToken: { p50: number; p99: number }
  hubCpuMs: number
  /** Requests per second of processor time, against LiteLLM's. */
  cpu: number | null
}

function compare(
  hub: CallResult,
  nginx: CallResult,
  cpu: { hub: number; litellm: number | null },
): Measured {
  const added = (rank: number) =>
    percentile(hub.latenciesMs, rank) - percentile(nginx.latenciesMs, rank)
  const compareFirst = (what: 'firstBytesMs' | 'firstTokensMs') => {
    const ratio = (rank: number) => percentile(hub[what], rank) / percentile(nginx[what], rank)
    return { p50: ratio(0.5), p99: ratio(0.99) }
  }
  return {
    p50Ms: added(0.5),
    p99Ms: added(0.99),
    firstByte: compareFirst('firstBytesMs'),
    firstToken: compareFirst('firstTokensMs'),
    hubCpuMs: cpu.hub,
    cpu: cpu.litellm === null ? null : cpu.litellm / cpu.hub,
  }
}

function describe({ cpu, firstByte, firstToken, hubCpuMs, p50Ms, p99Ms }: Measured): string {
  const beside = cpu === null ? '' : `, ${cpu.toFixed(1)}× LiteLLM's requests per CPU second`
  return `p50 ${p50Ms.toFixed(2)} ms and p99 ${p99Ms.toFixed(2)} ms more than nginx; first token ${firstToken.p50.toFixed(2)}× and ${firstToken.p99.toFixed(2)}×, first byte of a model that answers at once ${firstByte.p50.toFixed(2)}× and ${firstByte.p99.toFixed(2)}×; ${hubCpuMs.toFixed(2)} ms of CPU a request${beside}`
}

function ofPeer({ token, url }: Peer) {
  return { url, model, tokens: [token] }
}

async function measureResting(load: ModelCallers, peer: RestingPeer): Promise<number> {
  peer.goOn()
  const cpuMs = await measureCpu(load, ofPeer(peer), peer)
  peer.rest()
  return cpuMs
}

/** Processor time of a whole answer, asked as fast as they come. */
async function measureCpu(
  load: ModelCallers,
  to: { url: string; model: string; tokens: readonly string[] },
  { cpuMs }: Pick<Peer, 'cpuMs'>,
): Promise<number> {
  const before = await cpuMs()
  const result = checked(to.url, await load.call({ ...to, ...saturating, seconds: 4 }))
  return ((await cpuMs()) - before) / result.requests
}

function checked(who: string, result: CallResult): CallResult {
  if (result.errors === 0) return result
  throw new Error(`${result.errors} calls of ${who} failed.`)
}

/** Resident memory with so many streams open. */
async function holdStreams(
  world: World,
  load: ModelCallers,
  to: { url: string; model: string; tokens: readonly string[] },
  hub: Hub,
): Promise<number> {
  let memory = await hub.residentMiB()
  world.say(`${memory.toFixed(0)} MiB with no stream`)
  for (const open of heldStreams) {
    const held = await load.hold({ ...to, open })
    memory = await hub.residentMiB()
    world.say(`${memory.toFixed(0)} MiB with ${held} streams open`)
  }
  return memory
}

function conclude(measured: readonly Measured[], held: number) {
  const { range, value } = summarize(measured.map(({ p50Ms }) => p50Ms))
  const of = (pick: (one: Measured) => number) => round(median(measured.map(pick)))
  const p99Ms = of((one) => one.p99Ms)
  const ofBoth = (what: 'firstByte' | 'firstToken') =>
    [of((one) => one[what].p50), of((one) => one[what].p99)] as const
  const firstByte = ofBoth('firstByte')
  const firstToken = ofBoth('firstToken')
  const isCompared = measured.every(({ cpu }) => cpu !== null)
  const cpu = isCompared ? of((one) => one.cpu!) : null
  return {
    bench: 'P6',
    what: `200 calls/s and 64 streams of 200 callers through the gateway; p99 ${p99Ms} ms more, first token ${firstToken[0]}× and ${firstToken[1]}× (of a model that answers at once ${firstByte[0]}× and ${firstByte[1]}×), ${cpu === null ? 'LiteLLM is missing' : `${cpu}× LiteLLM's requests per CPU second`} at ${of((one) => one.hubCpuMs)} ms a request; ${held.toFixed(0)} MiB with ${heldStreams.at(-1)} streams open`,
    peer: 'nginx in front of the same model, LiteLLM in front of it too',
    unit: 'ms more in the median',
    value,
    range,
    goal: `≤ ${goals.p50Ms} ms, p99 ≤ ${goals.p99Ms} ms, first token ≤ ${goals.firstToken}×, ≥ ${goals.cpu}× LiteLLM's requests per CPU second, ≤ ${goals.heldMiB} MiB`,
    holds:
      value <= goals.p50Ms &&
      p99Ms <= goals.p99Ms &&
      Math.max(...firstToken) <= goals.firstToken &&
      cpu !== null &&
      cpu >= goals.cpu &&
      held <= goals.heldMiB,
  }
}
