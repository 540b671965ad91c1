import { resolve } from 'node:path'
import { stringify } from 'yaml'
import { Failure } from '../failure.ts'
import { readTlsOptions } from '../flags/options.ts'
import { askHub } from '../hub/ask-hub.ts'
import { readHubPlace, type HubPlace } from '../hub/hub-place.ts'
import type { HubSignIn } from '../hub/hub-sign-in.ts'
import { changeKubeconfig, findKubeconfig, readKubeconfig } from '../kubeconfig/change-file.ts'
import { mergeEntries, type Entries, type Merged } from '../kubeconfig/merge-entries.ts'
import type { Command, CommandContext } from './command.ts'

/** Writes how to sign in to a cluster by a hub into the kubeconfig that kubectl reads; no credential, no provider. */
export const runKubeconfig: Command = async ({ env, log, print, program, values }) => {
  const place = readHubPlace(values)
  if (place === null) throw new Failure('usage', '--hub is missing: say which hub.')
  const { link, signIn } = await askHub(place, { env, log, tls: readTlsOptions(values) })
  const { cluster } = signIn
  if (cluster === null) {
    throw new Failure(
      'refused',
      `${place.hub} does not know where ${place.instance} is at the moment: try again later.`,
    )
  }
  const name = values.text('name') ?? `${place.instance}-oidc`
  if (!/^[\w.@-]{1,200}$/.test(name)) {
    throw new Failure('usage', '--name is made of letters, digits and ._@-')
  }
  const entries = toEntries(name, { ...place, link }, { cluster, program, values })
  if (values.isOn('print')) return print(renderAlone(entries))
  const file = findKubeconfig(env)
  const change = (text: string) =>
    mergeEntries(text, entries, { file, isReplacing: values.isOn('replace') })
  if (values.isOn('dry-run')) {
    const { state } = change(readKubeconfig(file))
    log.say(`${describe(state, { file, name })} Nothing was written (--dry-run).`)
    return
  }
  const { state } = await changeKubeconfig(file, change)
  log.say(describe(state, { file, name }))
  log.say(`Try it: kubectl --context=${name} get pods`)
  log.say(`Have kubectl use it from now on: kubectl config use-context ${name}`)
  if (signIn.needsSecret) log.say('The provider wants a secret: export OIDC_CLIENT_SECRET first.')
}

function toEntries(
  name: string,
  { hub, instance, link }: HubPlace & { link: string },
  from: {
    cluster: NonNullable<HubSignIn['cluster']>
    program: string
    values: CommandContext['values']
  },
): Entries {
  const { ca, server, tlsServerName } = from.cluster
  const { values } = from
  const command = `kubectl-${from.program.replace(/^kubectl /, '').replaceAll('-', '_')}`
  const args = [
    'get-token',
    `--hub=${hub}`,
    `--instance=${instance}`,
    `--link=${link}`,
    ...readTlsOptions(values).authorityFiles.map(
      (path) => `--certificate-authority=${resolve(path)}`,
    ),
    ...values
      .list('certificate-authority-data')
      .map((data) => `--certificate-authority-data=${data}`),
    ...(values.isOn('insecure-skip-tls-verify') ? ['--insecure-skip-tls-verify'] : []),
  ]
  return {
    name,
    hub,
    instance,
    cluster: {
      server,
      ...(ca !== null && { 'certificate-authority-data': Buffer.from(ca).toString('base64') }),
      ...(tlsServerName !== null && { 'tls-server-name': tlsServerName }),
    },
    user: {
      exec: {
        apiVersion: 'client.authentication.k8s.io/v1',
        command,
        args,
        interactiveMode: 'IfAvailable',
        provideClusterInfo: false,
        installHint: `${command} is not installed. Its page is ${hub}/cli/.`,
      },
    },
  }
}

function renderAlone({ cluster, name, user }: Entries): string {
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  }
  return stringify(kubeconfig, { compat: 'yaml-1.1', lineWidth: 0 }).trimEnd()
}

function describe(state: Merged['state'], { file, name }: { file: string; name: string }): string {
  const words = {
    added: `${name} is added to ${file}`,
    renewed: `${name} is renewed in ${file}`,
    unchanged: `${name} is in ${file} already`,
  }
  return `${words[state]}: a cluster, a user and a context of that name.`
}
