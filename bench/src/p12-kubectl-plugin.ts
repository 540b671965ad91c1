import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { compileProgram } from '../../cli/build/compile.ts'
import { ownPlatform } from '../../cli/build/platforms.ts'
import { startOddIssuer } from '../../cli/test/odd-issuer.ts'
import { median, round, summarize, type Benchmark } from './benchmark.ts'

const rounds = 9
const callsPerRound = 20
const goal = 0.4

type Cost = { wallMs: number; cpuMs: number }

/** kubectl's plugin with a good cache, as a process, against the kubectl that calls it. */
export const kubectlPlugin: Benchmark = {
  id: 'P12',
  async run(world) {
    const platform = ownPlatform()
    if (!platform) throw new Error(`Nothing is built for ${process.platform} on ${process.arch}.`)
    const program = join(world.folder, 'kubectl-together_login')
    await compileProgram(platform, program)
    const issuer = await startOddIssuer()
    world.defer(issuer.stop)
    const info = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential' }
    const env = {
      HOME: world.folder,
      PATH: '/usr/bin:/bin',
      OIDC_CLIENT_SECRET: 'secret',
      KUBERNETES_EXEC_INFO: JSON.stringify(info),
    }
    const getToken = [
      program,
      'get-token',
      `--oidc-issuer-url=${issuer.issuer}`,
      '--oidc-client-id=kube',
      '--grant-type=client-credentials',
    ]
    const kubectl = [join(world.assets, 'kubectl'), 'version', '--client']
    // Signs in; every later call answers from the cache.
    await measure(getToken, 1, env)
    const asked = issuer.requests.length
    const ratios: Cost[] = []
    const plugin: Cost[] = []
    const peer: Cost[] = []
    for (let index = 0; index < rounds; index += 1) {
      const own = await measure(getToken, callsPerRound, env)
      const theirs = await measure(kubectl, callsPerRound, env)
      plugin.push(own)
      peer.push(theirs)
      ratios.push({ wallMs: own.wallMs / theirs.wallMs, cpuMs: own.cpuMs / theirs.cpuMs })
    }
    if (issuer.requests.length !== asked) throw new Error('A call was not answered from the cache.')
    const describe = (costs: readonly Cost[]) =>
      `${round(median(costs.map(({ wallMs }) => wallMs)))} ms, CPU ${round(median(costs.map(({ cpuMs }) => cpuMs)))} ms`
    world.say(`get-token from the cache: ${describe(plugin)}; kubectl: ${describe(peer)}`)
    const cpu = summarize(ratios.map(({ cpuMs }) => cpuMs))
    world.say(`CPU ${cpu.value}× of kubectl's (${cpu.range.join('–')})`)
    const wall = summarize(ratios.map(({ wallMs }) => wallMs))
    return {
      bench: 'P12',
      what: 'a cached get-token, wall time as a process',
      peer: 'kubectl version --client',
      unit: '× its time',
      ...wall,
      goal: `wall ≤ ${goal}×, CPU ≤ ${goal}×`,
      holds: wall.value <= goal && cpu.value <= goal,
    }
  },
}

/** What one call costs, each with a parent of its own as from kubectl, by the shell that makes them: it knows the processor time of its children. */
async function measure(
  words: readonly string[],
  calls: number,
  env: Record<string, string>,
): Promise<Cost> {
  const call = words.map((word) => `'${word}'`).join(' ')
  const script = `i=0; while [ $i -lt ${calls} ]; do (${call} >/dev/null; exit $?) || exit 1; i=$((i+1)); done; times`
  const started = performance.now()
  const child = spawn('/bin/sh', ['-c', script], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  const code = await new Promise((resolve) => child.once('close', resolve))
  const wallMs = performance.now() - started
  if (code !== 0) throw new Error(`${words[0]} failed.`)
  const [, children = ''] = output.trim().split('\n')
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest),
    0,
  )
  return { wallMs: wallMs / calls, cpuMs: (seconds * 1000) / calls }
}
