/**
 * Every variable the hub reads: its default (as text, for people) and what it does. `docs/configuration.md` is held
 * against this table by a test. A secret can also come from the file that `NAME_FILE` names.
 */
export const variables = {
  HUB_MODE: {
    default: 'false',
    secret: false,
    purpose:
      '`true` or `1` for hub mode; without it local mode: one person, this machine, no sign-in',
  },
  KUBECONFIG: {
    default: '~/.kube/config',
    secret: false,
    purpose:
      'in local mode, the kubeconfigs whose contexts are the instances; a list as for kubectl',
  },
  HOST: {
    default: '127.0.0.1; every address in production',
    secret: false,
    purpose: 'address the hub listens on; in local mode a loopback one',
  },
  PORT: { default: '3001', secret: false, purpose: 'port the hub listens on' },
  HUB_DRAIN_SECONDS: {
    default: '5 in production, else 0',
    secret: false,
    purpose:
      'for how long after SIGTERM new connections are still taken, while `/readyz` says 503, so that balancers notice',
  },
  LOG_LEVEL: {
    default: 'info',
    secret: false,
    purpose: '`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`',
  },
  DATABASE_URL: {
    default: './data/kubefoundry.db; ./data/local.db in local mode',
    secret: true,
    purpose: '[`postgres://…` for PostgreSQL, else the path of an SQLite file](#database)',
  },
  DATABASE_DIRECT_URL: {
    default: 'DATABASE_URL, without a pooler',
    secret: true,
    purpose:
      'behind a pooler such as PgBouncer, the address of PostgreSQL itself: what another replica changed is heard there at once',
  },
  CREDENTIALS_PATH: {
    default: './credentials',
    secret: false,
    purpose: 'directory with one `<instance>.kubeconfig` per cluster',
  },
  SESSION_SECRET: {
    default: 'dev-secret-change-in-production',
    secret: true,
    purpose:
      'signs sessions; at least 32 characters in production; a comma list rotates, newest first',
  },
  SESSION_IDLE_TIMEOUT: {
    default: '30m',
    secret: false,
    purpose: 'a session ends after this long without a request',
  },
  SESSION_ABSOLUTE_TIMEOUT: {
    default: '12h',
    secret: false,
    purpose: 'a session ends this long after sign-in',
  },
  SESSION_RENEW_INTERVAL: {
    default: '15m',
    secret: false,
    purpose: "a session's cookie is replaced this often; at least a minute",
  },
  HUB_ENCRYPTION_KEY: {
    default: 'derived from SESSION_SECRET',
    secret: true,
    purpose:
      'seals the tokens of identity providers in the database; a comma list rotates, newest first',
  },
  AUTH_CALLBACK_URL: {
    default: "the request's own address, if allowed",
    secret: false,
    purpose: "the hub's public address, such as `https://hub.example.com`",
  },
  ALLOWED_HOSTS: {
    default: "localhost, 127.0.0.1 and [::1] on the hub's port, outside production",
    secret: false,
    purpose: 'comma list of Host values the hub answers for when `AUTH_CALLBACK_URL` is unset',
  },
  TRUSTED_PROXIES: {
    default: '(empty)',
    secret: false,
    purpose:
      'comma list of addresses and networks (`10.0.0.0/8`) whose `X-Forwarded-For`, `-Proto` and `-Host` count',
  },
  CORS_ORIGINS: {
    default: '(empty)',
    secret: false,
    purpose: 'comma list of origins of other web applications that may call the API with a token',
  },
  HUB_REQUESTS_PER_MINUTE: {
    default: '6000',
    secret: false,
    purpose: 'requests that one person, program or anonymous address may make per minute',
  },
  HUB_LOGINS_PER_MINUTE: {
    default: '20',
    secret: false,
    purpose: 'sign-ins that one address may begin per minute',
  },
  ENABLED_AUTH_PROVIDERS: {
    default: '(empty)',
    secret: false,
    purpose:
      'comma list of identity providers, in the order of the sign-in page: `entra`, `github`, `oidc`',
  },
  AZURE_TENANT_ID: {
    default: '—',
    secret: false,
    purpose:
      "the Entra tenant's id or domain; `organizations` or `common` for those of `AZURE_ALLOWED_TENANTS`",
  },
  AZURE_ALLOWED_TENANTS: {
    default: 'the one tenant',
    secret: false,
    purpose: 'comma list of the ids of the tenants whose people may sign in',
  },
  AZURE_CLIENT_ID: {
    default: '—',
    secret: false,
    purpose: 'application (client) id of the hub in Entra',
  },
  AZURE_CLIENT_SECRET: { default: '—', secret: true, purpose: 'client secret of the hub in Entra' },
  ENTRA_AUTHORITY_URL: {
    default: 'https://login.microsoftonline.com',
    secret: false,
    purpose: 'where Entra signs people in; another one for sovereign clouds',
  },
  GRAPH_URL: {
    default: 'https://graph.microsoft.com',
    secret: false,
    purpose: 'Microsoft Graph, which names the groups of people with more than fit into a token',
  },
  GITHUB_CLIENT_ID: { default: '—', secret: false, purpose: 'client id of the GitHub OAuth app' },
  GITHUB_CLIENT_SECRET: {
    default: '—',
    secret: true,
    purpose: 'client secret of the GitHub OAuth app',
  },
  GITHUB_ALLOWED_ORGS: {
    default: '(empty)',
    secret: false,
    purpose:
      'comma list of GitHub organizations (numeric id or login) of which people must be a member of one',
  },
  GITHUB_URL: {
    default: 'https://github.com',
    secret: false,
    purpose: 'where GitHub signs people in; the address of a GitHub Enterprise Server',
  },
  GITHUB_API_URL: {
    default: 'https://api.github.com; <GITHUB_URL>/api/v3 on another server',
    secret: false,
    purpose: "GitHub's REST API",
  },
  OIDC_PROVIDER_ISSUER: {
    default: '—',
    secret: false,
    purpose: 'issuer URL of the OpenID provider, exactly as its discovery document spells it',
  },
  OIDC_PROVIDER_CLIENT_ID: { default: '—', secret: false, purpose: 'client id of the hub there' },
  OIDC_PROVIDER_CLIENT_SECRET: {
    default: '—',
    secret: true,
    purpose: 'client secret of the hub there; unset for a public client',
  },
  OIDC_PROVIDER_CLIENT_AUTH: {
    default: 'auto',
    secret: false,
    purpose:
      "how the secret is shown at the token endpoint: `client_secret_basic`, `client_secret_post`, or `auto` for what the provider's metadata lists, then the other",
  },
  OIDC_PROVIDER_NAME: {
    default: 'Single sign-on',
    secret: false,
    purpose: 'what the sign-in button calls it',
  },
  JWT_ISSUERS: {
    default: '(empty)',
    secret: false,
    purpose:
      'comma list of `<issuer>;<audience>`: whose access tokens the API takes as bearer tokens, and which `aud` they carry; `;at+jwt` or `;any` after it say [how they are marked](tokens.md#access-tokens-of-an-identity-provider)',
  },
  JWT_LEEWAY_SECONDS: {
    default: '5',
    secret: false,
    purpose:
      'by how much the clocks of identity providers and of those issuers may differ; `iat` may be a minute ahead in any case',
  },
  HUB_ALLOW_HTTP_ISSUERS: {
    default: '(empty)',
    secret: false,
    purpose:
      'comma list of issuers (`OIDC_PROVIDER_ISSUER`, `JWT_ISSUERS`) that may be reached by plain http, each spelled as there',
  },
  OIDC_PROVIDER_GROUPS_CLAIM: {
    default: 'groups',
    secret: false,
    purpose: 'claim with the groups of a person; `a.b` is the claim `b` within `a`',
  },
  OIDC_PROVIDER_SCOPES: {
    default: '(empty)',
    secret: false,
    purpose: 'scopes to ask for besides `openid profile email`, separated by blanks or commas',
  },
  HUB_ALLOWED_EMAIL_DOMAINS: {
    default: '(empty)',
    secret: false,
    purpose: 'comma list of domains; only people with a verified e-mail address in one may sign in',
  },
  HUB_ADMINS: {
    default: '(empty)',
    secret: false,
    purpose: 'comma list of principals who are administrators, such as `oidc:1234`',
  },
  HUB_GRANTS: {
    default: '[]',
    secret: false,
    purpose: 'JSON list of grants: `principal`, `role`, and optionally `instanceId`, `namespaces`',
  },
  GROUP_STALE_MAX: {
    default: '24h',
    secret: false,
    purpose:
      'for how long groups count that could not be looked up again; then what they gave is taken away',
  },
  GROUP_SYNC_INTERVAL: {
    default: '15m',
    secret: false,
    purpose:
      "how often people's groups are looked up again without a sign-in; `1m` at least, `off` for never",
  },
  HUB_ALLOW_LOOPBACK_CLUSTERS: {
    default: 'true outside production',
    secret: false,
    purpose: 'accept kubeconfigs whose server is this machine',
  },
  HUB_ALLOW_INSECURE_TLS: {
    default: 'false',
    secret: false,
    purpose: 'accept kubeconfigs with `insecure-skip-tls-verify`',
  },
  HUB_ALLOW_EXEC_PLUGINS: {
    default: '(empty)',
    secret: false,
    purpose:
      'comma list of absolute paths of programs that a kubeconfig may run (`exec`), each with what it may be given: `<path>;arg:<argument>;env:<variable>`',
  },
  HUB_ALLOW_CLUSTER_PROXIES: {
    default: '(empty)',
    secret: false,
    purpose:
      'comma list of origins of the HTTP proxies that a kubeconfig may name (`proxy-url`), such as `http://egress.corp:3128`',
  },
  HUB_LOCAL_SECRET: {
    default: 'a new one at each start',
    secret: true,
    purpose:
      "in local mode, the token of the address that lets this machine's browser and scripts in; at least 32 characters",
  },
  HUB_ACCESS_MODES: {
    default: '*=service',
    secret: false,
    purpose:
      'comma list of `<instance>=<mode>`, `*` for the others; a mode is `service` or `impersonate`',
  },
  AUDIT_RETENTION: {
    default: 'for ever',
    secret: false,
    purpose: 'how long rows of the audit log are kept, in days such as `400d`',
  },
  NODE_ENV: {
    default: '(empty)',
    secret: false,
    purpose: '`production` turns production rules on; an https `AUTH_CALLBACK_URL` does too',
  },
} as const

export type VariableName = keyof typeof variables
