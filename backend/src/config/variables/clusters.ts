import { parseBoolean, parseCount, parseText } from '../parsers.ts'
import { parseAccessModes } from '../read-access-modes.ts'
import { parseExchangeClients } from '../read-exchange-clients.ts'
import { readClusterProxies } from '../read-cluster-proxies.ts'
import { parseExecPlugins } from '../read-exec-plugins.ts'
import { parsePrometheus } from '../read-prometheus.ts'
import type { Variables } from '../variable.ts'

export const clusterVariables = {
  CREDENTIALS_PATH: {
    default: './credentials',
    purpose: 'directory with one `<instance>.kubeconfig` per cluster',
    parse: parseText,
  },
  HUB_ACCESS_MODES: {
    default: '*=service',
    purpose:
      'comma-separated `<instance>=<mode>`, with `*` for the others; a mode is `service`, `impersonate`, `passthrough` or `exchange`, the last two with `;rights:cluster` if the cluster alone decides',
    parse: parseAccessModes,
  },
  HUB_EXCHANGE_CLIENTS: {
    default: '',
    secret: true,
    purpose:
      'comma-separated `<instance>=<client id>;<client secret>`, with `*` for the others: the client with which tokens are exchanged at the issuer of an instance in mode `exchange`; `key-file:<path>` or `assertion-file:<path>` serves instead of the secret',
    parse: parseExchangeClients,
  },
  HUB_FLEET_METRICS: {
    default: 'false',
    purpose:
      'read the [metrics](metrics.md) of every running model once a minute, so that charts have data before anybody looks',
    parse: parseBoolean,
  },
  HUB_PROMETHEUS: {
    default: '',
    purpose:
      "comma-separated `<instance>=<namespace>/<service>:<port>` or `<instance>=https://…`, with `*` for the others: the Prometheus to ask for the [metrics](metrics.md#a-prometheus-of-the-cluster) of an instance's models",
    parse: parsePrometheus,
  },
  HUB_MODEL_CALLS_PER_INSTANCE: {
    default: '512',
    purpose:
      'model calls one replica may have open to one cluster at a time; further callers are told to try again',
    parse: parseCount,
  },
  HUB_ALLOW_LOOPBACK_CLUSTERS: {
    default: { otherwise: 'true', production: 'false' },
    purpose: 'accept kubeconfigs whose server is on this machine',
    parse: parseBoolean,
  },
  HUB_ALLOW_INSECURE_TLS: {
    default: 'false',
    purpose: 'accept kubeconfigs with `insecure-skip-tls-verify`',
    parse: parseBoolean,
  },
  HUB_ALLOW_EXEC_PLUGINS: {
    default: '',
    purpose:
      'comma-separated absolute paths of programs that a kubeconfig may run (`exec`), each with what it may be given: `<path>;arg:<argument>;env:<variable>`',
    parse: parseExecPlugins,
  },
  HUB_ALLOW_CLUSTER_PROXIES: {
    default: '',
    purpose:
      'comma-separated origins of HTTP proxies that a kubeconfig may name (`proxy-url`), such as `http://egress.corp:3128`',
    parse: (text, { mistakes }) => readClusterProxies(text, mistakes),
  },
} as const satisfies Variables
