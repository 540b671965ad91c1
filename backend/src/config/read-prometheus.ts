import { InstanceId } from '@hub/shared'
import { hidePasswordsOf } from './hide-password.ts'
import { parseSafeUrl } from './plain-url.ts'
import { readQuotedList } from './read-list.ts'
import type { Reading } from './variable.ts'

/** A Prometheus that knows an instance's models: behind a Service of its cluster, or at an address of its own. */
export type PrometheusConfig = {
  at:
    | {
        type: 'service'
        namespace: string
        service: string
        port: string
        scheme: 'http' | 'https'
      }
    | { type: 'url'; url: string; tokenFile: string | null; caFile: string | null }
  /** What it calls the namespace and the name of a pod. */
  namespaceLabel: string
  podLabel: string
  /** What else a series of this instance carries, where the Prometheus knows several clusters. */
  labels: ReadonlyMap<string, string>
}

/** By instance; `*` for the others. */
export type PrometheusConfigs = ReadonlyMap<string, PrometheusConfig>

const servicePattern =
  /^(?:(?<scheme>https?):)?(?<namespace>[a-z0-9][a-z0-9-]*)\/(?<service>[a-z0-9][a-z0-9-]*):(?<port>[a-z0-9][a-z0-9-]{0,62})$/
const labelName = /^[A-Za-z_][A-Za-z0-9_]*$/

export function parsePrometheus(
  text: string,
  { mistakes, name: variable }: Reading,
): PrometheusConfigs {
  const configs = new Map<string, PrometheusConfig>()
  const entries = readQuotedList(text)
  const hide = hidePasswordsOf(text)
  // What is given to an option or a query may be a token.
  const show: Show = (part) => hide(part).replace(/[;?].*/s, '…')
  if (entries === null) mistakes.push(`${variable} has a quote that does not end.`)
  for (const { text: entry } of entries ?? []) {
    const parts = /(?<name>[^=]*)=(?<value>.*)/s.exec(entry)?.groups ?? {}
    const name = parts['name']?.trim() ?? ''
    const value = parts['value'] ?? ''
    if (value === '' || (name !== '*' && !InstanceId.safeParse(name).success)) {
      mistakes.push(
        `${variable} has the entry "${show(entry)}"; write <instance>=<where>, such as prod-east=monitoring/prometheus-operated:9090 or *=https://prometheus.example.com.`,
      )
      continue
    }
    const read = readEntry(value, show)
    if (typeof read === 'string') mistakes.push(`${variable} gives ${name} ${read}`)
    else configs.set(name, read)
  }
  return configs
}

/** As much of a setting as a mistake repeats. */
type Show = (part: string) => string

/** Or what is wrong with it. */
function readEntry(value: string, show: Show): PrometheusConfig | string {
  const [where = '', ...options] = value.split(';').map((part) => part.trim())
  let namespaceLabel = 'namespace'
  let podLabel = 'pod'
  const files: Files = { tokenFile: null, caFile: null }
  const labels = new Map<string, string>()
  for (const option of options) {
    const { given = '', key } = /^(?<key>[a-z-]+):(?<given>.*)/s.exec(option)?.groups ?? {}
    const [label = '', ...rest] = given.split('=')
    if (key === 'namespace-label' && labelName.test(given)) namespaceLabel = given
    else if (key === 'pod-label' && labelName.test(given)) podLabel = given
    else if (key === 'token-file' && given !== '') files.tokenFile = given
    else if (key === 'ca-file' && given !== '') files.caFile = given
    else if (key === 'label' && rest.length > 0 && labelName.test(label)) {
      labels.set(label, rest.join('='))
    } else {
      return `the option "${show(option.replace(/[:=].*/s, ':…'))}", which is none; use label:<name>=<value>, namespace-label:<name>, pod-label:<name>, token-file:<path> or ca-file:<path>.`
    }
  }
  const at = readPlace(where, files, show)
  return typeof at === 'string' ? at : { at, namespaceLabel, podLabel, labels }
}

type Files = { tokenFile: string | null; caFile: string | null }

function readPlace(where: string, files: Files, show: Show): PrometheusConfig['at'] | string {
  const place = servicePattern.exec(where)?.groups
  if (place) {
    const { namespace = '', port = '', scheme, service = '' } = place
    if (files.tokenFile !== null) {
      return 'a token-file for a Service of the cluster, which its API server would not pass on; name an https address, or leave it out.'
    }
    if (files.caFile !== null) {
      return 'a ca-file for a Service of the cluster, which is asked by its API server; name an https address, or leave it out.'
    }
    return {
      type: 'service',
      namespace,
      service,
      port,
      scheme: scheme === 'https' ? 'https' : 'http',
    }
  }
  const url = parseSafeUrl(where)
  if (!url) {
    return `the place "${show(where)}"; write <namespace>/<service>:<port> of its cluster, or an https address without a name, password or query.`
  }
  return { type: 'url', url: `${url.origin}${url.pathname.replace(/\/+$/, '')}`, ...files }
}
