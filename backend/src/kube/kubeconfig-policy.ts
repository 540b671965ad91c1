import type { ExecPlugins } from './judge-exec-plugin.ts'

/** What a kubeconfig may make the hub dial, run and trust. */
export type KubeconfigPolicy = {
  allowLoopback: boolean
  allowInsecureTls: boolean
  /** Origins of the HTTP proxies that a cluster may be reached through; none by default. */
  clusterProxies?: ReadonlySet<string> | 'any'
  /** The programs that an `exec` entry may run; none by default. */
  execPlugins?: ExecPlugins | 'any'
  /** The folders of the PATH, where a program that is named without one is looked for. */
  programFolders?: readonly string[]
}

/** Gives the content of a file that the kubeconfig's `field` names, or throws Refusal. */
export type ReadReferencedFile = (path: string, field: string) => string
