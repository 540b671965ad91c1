/**
 * What a program may be given: `word` and `--switch` exactly, `--flag=` with a plain value (also as the argument that
 * follows), and names of environment variables.
 */
export type ExecRules = { args: readonly string[]; env: readonly string[] }

const awsVariables = [
  'AWS_PROFILE',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'AWS_STS_REGIONAL_ENDPOINTS',
]

/**
 * The programs that AKS, EKS, GKE and OKE write into kubeconfigs, by name, with what those need. Left out on purpose is
 * what runs another program, reads a file, or sends a secret elsewhere: `AWS_CONFIG_FILE` (its `credential_process` is
 * run), `--endpoint-url`, `--authority-host` and `AZURE_AUTHORITY_HOST`, `--federated-token-file`, `--token-cache-dir`,
 * `CLOUDSDK_PYTHON`, `--config-file`.
 */
export const knownPrograms: ReadonlyMap<string, ExecRules> = new Map([
  // https://azure.github.io/kubelogin/cli/get-token.html
  [
    'kubelogin',
    {
      args: [
        'get-token',
        '--login=',
        '-l=',
        '--server-id=',
        '--client-id=',
        '--tenant-id=',
        '-t=',
        '--environment=',
        '-e=',
        '--identity-resource-id=',
        '--legacy',
        '--use-azurerm-env-vars',
      ],
      env: [
        'AAD_LOGIN_METHOD',
        'AAD_SERVICE_PRINCIPAL_CLIENT_ID',
        'AAD_SERVICE_PRINCIPAL_CLIENT_SECRET',
        'AZURE_CLIENT_ID',
        'AZURE_CLIENT_SECRET',
        'AZURE_TENANT_ID',
      ],
    },
  ],
  // https://docs.aws.amazon.com/cli/latest/reference/eks/get-token.html
  [
    'aws',
    {
      args: [
        'eks',
        'get-token',
        '--cluster-name=',
        '--cluster-id=',
        '--region=',
        '--role-arn=',
        '--profile=',
        '--output=',
      ],
      env: awsVariables,
    },
  ],
  [
    'aws-iam-authenticator',
    {
      args: [
        'token',
        '-i=',
        '--cluster-id=',
        '-r=',
        '--role=',
        '--region=',
        '--session-name=',
        '--cache',
      ],
      env: awsVariables,
    },
  ],
  [
    'gke-gcloud-auth-plugin',
    { args: ['--use_application_default_credentials'], env: ['USE_GKE_GCLOUD_AUTH_PLUGIN'] },
  ],
  [
    'oci',
    {
      args: [
        'ce',
        'cluster',
        'generate-token',
        '--cluster-id=',
        '--region=',
        '--profile=',
        '--auth=',
      ],
      env: [],
    },
  ],
])
