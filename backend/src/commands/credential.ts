// Makes a credential for the hub from the operator's own kubectl context: `bun run credential <context>`.
import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { InstanceId } from '@hub/shared'
import { writeYaml } from '#yaml'
import { ConfigError, loadCredentialConfig } from '#config'
import { AppError } from '#errors'
import { describeReadOnly, hasCredential, writeCredential } from '#clusters'
import { isRecord, parseKubeconfig } from '#kube'

const usage = `Usage: bun run credential <context> [--name prod-east] [--kubeconfig path] [--duration 720h] [--impersonate] [--yes]

Makes credentials/<name>.kubeconfig from one of your kubectl contexts: a ServiceAccount with the rights of
deploy/kubernetes/instance-rbac, and a token for it.

  --name         the instance's name; the context's own by default
  --kubeconfig   where the context is; as kubectl finds it by default
  --duration     how long the token is to last; 720h (30 days) by default
  --impersonate  with the rights to act for people as well (HUB_ACCESS_MODES)
  --yes          do not ask`

const serviceAccount = 'kubeairunway-hub'
const dayMs = 86_400_000

/** A sentence for the operator. */
class Mistake extends Error {}

type Options = {
  context: string
  name: string
  kubeconfig: string | null
  duration: string
  manifests: string
  yes: boolean
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  if (options === null) return say(usage)
  const config = loadCredentialConfig(process.env)
  const directory = resolve(config.path)
  const cluster = await readCluster(options)
  checkTakes(cluster, config)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const readOnly = await describeReadOnly(directory)
  if (readOnly !== null) throw new Mistake(readOnly)
  const file = join(directory, `${options.name}.kubeconfig`)
  const replaces = await hasCredential(directory, options.name)

  say(`On the cluster of context "${options.context}" (${String(cluster.server)}), with your own rights, this

  1. applies ${options.manifests}
     (namespace, ServiceAccount and ClusterRole "${serviceAccount}"; server-side, over edits of others)
  2. takes a token for that ServiceAccount, asking for ${options.duration}
  3. ${replaces ? 'replaces' : 'writes'} ${file}
     (readable by you alone)
`)
  if (!options.yes && !(await isConfirmed())) throw new Mistake('Nothing was done.')

  const applied = await kubectl(options, [
    'apply',
    '--server-side',
    // These objects are the hub's alone: what somebody edited in them goes back to what stands in the manifests.
    '--force-conflicts',
    '--field-manager=kubeairunway-hub',
    '--kustomize',
    options.manifests,
  ])
  say(applied.trimEnd())
  const token = await takeToken(options)
  await writeCredential(directory, options.name, renderKubeconfig(options.name, cluster, token))
  say(`Wrote ${file}. A hub that watches this folder has it within two seconds.`)
}

function readOptions(args: string[]): Options | null {
  const { positionals, values } = parse(args)
  if (values.help) return null
  const [context, ...rest] = positionals
  if (context === undefined || rest.length > 0) {
    throw new Mistake(`Name one context; "kubectl config get-contexts" lists yours.\n\n${usage}`)
  }
  const name = values.name ?? context
  if (!InstanceId.safeParse(name).success) {
    throw new Mistake(
      `"${name}" cannot be the name of an instance. Give one with --name: 1 to 63 lower-case letters, digits or hyphens, starting and ending with a letter or digit.`,
    )
  }
  if (!/^([0-9]+h)?([0-9]+m)?([0-9]+s)?$/.test(values.duration)) {
    throw new Mistake(`--duration must be a time such as 720h, not "${values.duration}".`)
  }
  const folder = values.impersonate ? 'instance-rbac-impersonate' : 'instance-rbac'
  return {
    context,
    name,
    kubeconfig: values.kubeconfig ?? null,
    duration: values.duration,
    manifests: fileURLToPath(new URL(`../../../deploy/kubernetes/${folder}`, import.meta.url)),
    yes: values.yes,
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        name: { type: 'string' },
        kubeconfig: { type: 'string' },
        duration: { type: 'string', default: '720h' },
        impersonate: { type: 'boolean', default: false },
        yes: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    throw new Mistake(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
  }
}

/** The context's cluster entry, with its files inlined; nobody signs in for this. */
async function readCluster(options: Options): Promise<Record<string, unknown>> {
  const view = parseJson(
    await kubectl(options, ['config', 'view', '--raw', '--minify', '--flatten', '-o', 'json']),
  )
  const [entry] = isRecord(view) && Array.isArray(view['clusters']) ? view['clusters'] : []
  if (!isRecord(entry) || !isRecord(entry['cluster'])) {
    throw new Mistake(`The context "${options.context}" has no cluster.`)
  }
  return entry['cluster']
}

/** What the hub would refuse is refused before anything is changed. Loopback is the hub's own choice. */
function checkTakes(
  cluster: Record<string, unknown>,
  { allowInsecureTls, clusterProxies }: ReturnType<typeof loadCredentialConfig>,
): void {
  const parsed = parseKubeconfig(renderKubeconfig('x', cluster, 'token'), {
    allowLoopback: true,
    allowInsecureTls,
    clusterProxies,
  })
  if (!parsed.ok) throw new Mistake(`${parsed.reason} ${parsed.fix}`)
}

function renderKubeconfig(name: string, cluster: Record<string, unknown>, token: string): string {
  return writeYaml({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster }],
    users: [{ name: serviceAccount, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: serviceAccount } }],
  })
}

async function takeToken(options: Options): Promise<string> {
  const answer = parseJson(
    await kubectl(options, [
      'create',
      'token',
      serviceAccount,
      `--namespace=${serviceAccount}`,
      `--duration=${options.duration}`,
      '-o',
      'json',
    ]),
  )
  const status = isRecord(answer) && isRecord(answer['status']) ? answer['status'] : {}
  const { expirationTimestamp, token } = status
  if (typeof token !== 'string' || typeof expirationTimestamp !== 'string') {
    throw new Mistake('The cluster gave no token. Nothing was written.')
  }
  const days = (Date.parse(expirationTimestamp) - Date.now()) / dayMs
  const left = days >= 2 ? `${Math.round(days)} days` : `${Math.round(days * 24)} hours`
  say(
    `The cluster gave a token until ${expirationTimestamp}, for ${left}; run this again before then.`,
  )
  return token
}

function kubectl(options: Options, args: string[]): Promise<string> {
  const own = options.kubeconfig === null ? [] : ['--kubeconfig', options.kubeconfig]
  return new Promise((done, fail) => {
    // stdin and stderr stay the operator's: a credential plugin may ask who they are.
    const child = spawn('kubectl', [...own, '--context', options.context, ...args], {
      stdio: ['inherit', 'pipe', 'inherit'],
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.once('error', () =>
      fail(new Mistake('kubectl could not be started. Install it and put it on the PATH.')),
    )
    child.once('close', (code) => {
      if (code === 0) return done(output)
      const what = args.slice(0, 2).join(' ')
      fail(new Mistake(`"kubectl ${what}" failed; its reason is above. Nothing was written.`))
    })
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new Mistake('kubectl did not answer in JSON. Is it kubectl 1.24 or later?')
  }
}

async function isConfirmed(): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new Mistake('There is no terminal to ask on. Nothing was done; add --yes to go ahead.')
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await terminal.question('Go ahead? [y/N] ')
  terminal.close()
  return /^y(es)?$/i.test(answer.trim())
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

try {
  await main()
} catch (error) {
  const isExpected =
    error instanceof Mistake || error instanceof AppError || error instanceof ConfigError
  const text = error instanceof AppError ? error.detail : (error as Error).message
  process.stderr.write(`${isExpected ? text : `This failed: ${text}`}\n`)
  process.exitCode = 1
}
