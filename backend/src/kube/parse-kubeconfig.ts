import type { ReadCertificates } from './client-certificate.ts'
import type { ClusterCredential } from './cluster-credential.ts'
import type { KubeconfigPolicy, ReadReferencedFile } from './kubeconfig-policy.ts'
import { readCluster } from './read-cluster.ts'
import { readContext } from './read-context.ts'
import type { ExecPlugin } from './judge-exec-plugin.ts'
import { readUser } from './read-user.ts'
import { readYaml } from './read-yaml.ts'
import { describeUnopened, Refusal } from './refusal.ts'

/** With `exec`, the credential holds neither token nor client certificate until that program gave one. */
export type ParsedKubeconfig =
  | {
      ok: true
      credential: ClusterCredential
      exec: ExecPlugin | null
      /** The token is read from a file or given by a program, which keep it fresh. */
      isTokenRenewed: boolean
      /** The namespace that the context names. */
      namespace: string | null
      warnings: string[]
    }
  | { ok: false; reason: string; fix: string }

/**
 * Reads the current context of a kubeconfig. Whatever would make the hub run, open or dial something that the policy
 * does not allow is refused; `reason` and `fix` are sentences for an administrator and never repeat a secret. It opens
 * nothing itself: files that the kubeconfig names come from `readFile`, which refuses all by default.
 */
export function parseKubeconfig(
  text: string,
  policy: KubeconfigPolicy,
  readFile: ReadReferencedFile = refuseFile,
  certificates?: ReadCertificates,
): ParsedKubeconfig {
  try {
    const config = readYaml(text)
    const context = readContext(config)
    const cluster = readCluster(context.cluster, policy, readFile, certificates)
    const user = readUser(context.user, policy, readFile)
    return {
      ok: true,
      credential: { ...cluster.credential, ...user.credential },
      exec: user.exec,
      isTokenRenewed: user.isTokenRenewed,
      namespace: context.namespace,
      warnings: [...context.warnings, ...cluster.warnings, ...user.warnings],
    }
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, reason: error.message, fix: error.fix }
    throw error
  }
}

function refuseFile(_: string, field: string): never {
  const { fix, reason } = describeUnopened(field)
  throw new Refusal(reason, fix)
}
