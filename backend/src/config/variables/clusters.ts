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
      'comma list of `<instance>=<mode>`, `*` for the others; a mode is `service`, `impersonate`, `passthrough` or `exchange`, the latter two with `;rights:cluster` where the cluster alone decides',
    parse: parseAccessModes,
  },
  HUB_EXCHANGE_CLIENTS: {
    default: '',
    secret: true,
    purpose:
      'comma list of `<instance>=<client id>;<client secret>`, `*` for the others: with what tokens are exchanged at the issuer of an instance in mode `exchange`',
    parse: parseExchangeClients,
  },
  HUB_FLEET_METRICS: {
    default: 'false',
    purpose:
      'read the [metrics](metrics.md) of every model that runs once a minute, so that charts begin before somebody looks',
    parse: parseBoolean,
  },
  HUB_PROMETHEUS: {
    default: '',
    purpose:
      'comma list of `<instance>=<namespace>/<service>:<port>` or `<instance>=https://…`, `*` for the others: the Prometheus that is asked for the [metrics](metrics.md#a-prometheus-of-the-cluster) of its models',
    parse: parsePrometheus,
  },
  HUB_MODEL_CALLS_PER_INSTANCE: {
    default: '512',
    purpose:
      'calls of models that one replica may have open to one cluster at a time; further ones are told to come back',
    parse: parseCount,
  },
  HUB_ALLOW_LOOPBACK_CLUSTERS: {
    default: { otherwise: 'true', production: 'false' },
    purpose: 'accept kubeconfigs whose server is this machine',
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
      'comma list of absolute paths of programs that a kubeconfig may run (`exec`), each with what it may be given: `<path>;arg:<argument>;env:<variable>`',
    parse: parseExecPlugins,
  },
  HUB_ALLOW_CLUSTER_PROXIES: {
    default: '',
    purpose:
      'comma list of origins of the HTTP proxies that a kubeconfig may name (`proxy-url`), such as `http://egress.corp:3128`',
    parse: (text, { mistakes }) => readClusterProxies(text, mistakes),
  },
} as const satisfies Variables
