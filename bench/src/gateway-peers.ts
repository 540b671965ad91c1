import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { World } from './benchmark.ts'
import { readCpuMs } from './cpu.ts'
import { findFreePort, waitUntil } from './hub.ts'
import { model, type ModelFarmReply } from './model-farm.ts'

type Upstream = ModelFarmReply['clusters'][number]
export type Peer = { url: string; token: string; cpuMs(): Promise<number> }
/** Stands still while others are measured, for its own tasks take processor time without a call. */
export type RestingPeer = Peer & { rest(): void; goOn(): void }

const run = promisify(execFile)
const litellmVersion = '1.106.12'
const masterKey = `sk-${'5f'.repeat(24)}`

/** The floor: nginx passes everything on to the same model with the credential that the hub has. */
export async function startNginx(world: World, { modelUrl, token }: Upstream): Promise<Peer> {
  const program = '/usr/sbin/nginx'
  if (!existsSync(program)) {
    throw new Error('nginx is missing: apt-get install nginx-light (as root), then try again.')
  }
  const port = await findFreePort()
  const folder = join(world.folder, 'nginx')
  await mkdir(folder)
  const { host, origin, pathname } = new URL(modelUrl)
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 8192; }
http {
  access_log off;
  ${kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join('\n  ')}
  upstream model { server ${host}; keepalive 256; }
  server {
    listen 127.0.0.1:${port};
    location /v1/ {
      proxy_pass ${origin.replace(host, 'model')}${pathname}/;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host ${host};
      proxy_set_header Authorization "Bearer ${token}";
      proxy_buffering off;
    }
  }
}
`,
  )
  const child = spawn(program, ['-p', folder, '-c', join(folder, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  world.defer(() => end(child))
  const url = `http://127.0.0.1:${port}/v1`
  await waitUntil('nginx answers', 10, async () => (await fetch(`${url}/models`)).ok)
  return { url, token: 'nobody', cpuMs: () => readTreeCpuMs(child.pid!) }
}

/** LiteLLM with one worker, without a database; null where it cannot be installed. */
export async function startLitellm(
  world: World,
  { modelUrl, token }: Upstream,
): Promise<RestingPeer | null> {
  const folder = await installLitellm(world)
  if (folder === null) return null
  const port = await findFreePort()
  const config = join(world.folder, 'litellm.yaml')
  const parameters = { model: `openai/${model}`, api_base: modelUrl, api_key: token }
  await writeFile(
    config,
    // JSON is YAML.
    JSON.stringify({
      model_list: [{ model_name: model, litellm_params: parameters }],
      litellm_settings: { ssl_verify: false },
      general_settings: { master_key: masterKey },
    }),
  )
  const options = ['--host', '127.0.0.1', '--num_workers', '1', '--telemetry', 'False']
  const child = spawn(
    join(folder, 'bin/litellm'),
    ['--config', config, '--port', String(port), ...options],
    {
      env: {
        PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
        HOME: world.folder,
        LITELLM_LOCAL_MODEL_COST_MAP: 'True',
        SSL_VERIFY: 'False',
      },
      stdio: 'ignore',
    },
  )
  world.defer(() => end(child))
  const url = `http://127.0.0.1:${port}/v1`
  const headers = { authorization: `Bearer ${masterKey}` }
  await waitUntil(
    'LiteLLM answers',
    120,
    async () => (await fetch(`${url}/models`, { headers })).ok,
  )
  return {
    url,
    token: masterKey,
    cpuMs: () => readTreeCpuMs(child.pid!),
    rest: () => void child.kill('SIGSTOP'),
    goOn: () => void child.kill('SIGCONT'),
  }
}

/** In a cache folder, once: its packages have 744 MB. */
async function installLitellm(world: World): Promise<string | null> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  const folder = join(cache, 'litellm', litellmVersion)
  const whole = join(folder, 'whole')
  if (existsSync(whole)) return folder
  world.say(`installing LiteLLM ${litellmVersion} into ${folder}, which takes some minutes once`)
  try {
    await rm(folder, { recursive: true, force: true })
    await run('python3', ['-m', 'venv', folder])
    const quiet = ['install', '--quiet', '--disable-pip-version-check']
    await run(join(folder, 'bin/pip'), [...quiet, `litellm[proxy]==${litellmVersion}`])
    await writeFile(whole, '')
    return folder
  } catch {
    world.say('LiteLLM could not be installed from PyPI: nothing is compared with it.')
    return null
  }
}

async function readTreeCpuMs(pid: number): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  const pids = children.split(' ').filter((each) => each !== '')
  const times = await Promise.all([
    readCpuMs(pid),
    ...pids.map((each) => readTreeCpuMs(Number(each))),
  ])
  return times.reduce((sum, each) => sum + each, 0)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  child.kill('SIGCONT')
  const late = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await exited
  clearTimeout(late)
}
