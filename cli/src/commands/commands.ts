import type { Flags } from '../flags/flag.ts'
import { cacheFlags, hubFlags, signInFlags, tlsFlags } from '../flags/known-flags.ts'
import type { Command } from './command.ts'

const whichFlags: Flags = {
  'oidc-issuer-url': { kind: 'text', value: 'URL', help: 'Only sign-ins at this provider' },
  'oidc-client-id': { kind: 'text', value: 'ID', help: 'Only sign-ins of this client' },
}

/** Each is loaded when it is called. */
export const commands: Readonly<
  Record<string, { summary: string; flags: Flags; load(): Promise<Command> }>
> = {
  'get-token': {
    summary: 'Prints a token for kubectl, which calls this',
    flags: { ...hubFlags, ...signInFlags },
    load: async () => (await import('./get-token.ts')).runGetToken,
  },
  kubeconfig: {
    summary: 'Writes how to sign in by a hub into the kubeconfig that kubectl reads',
    flags: {
      ...hubFlags,
      name: {
        kind: 'text',
        value: 'NAME',
        help: 'Of the cluster, the user and the context (INSTANCE-oidc)',
      },
      replace: { kind: 'switch', help: 'Replace what has that name already' },
      print: { kind: 'switch', help: 'Print it as a kubeconfig of its own, and write nothing' },
      'dry-run': { kind: 'switch', help: 'Say what would be written, and write nothing' },
      ...tlsFlags,
    },
    load: async () => (await import('./kubeconfig.ts')).runKubeconfig,
  },
  setup: {
    summary: 'Signs in once, shows what the token says and prints the next commands',
    flags: signInFlags,
    load: async () => (await import('./setup.ts')).runSetup,
  },
  list: {
    summary: 'Lists the sign-ins that are kept',
    flags: {
      ...cacheFlags,
      output: { kind: 'choice', choices: ['table', 'json'], default: 'table', help: 'How' },
    },
    load: async () => (await import('./list.ts')).runList,
  },
  logout: {
    summary: 'Signs out at the provider too, and deletes what is kept',
    flags: {
      ...whichFlags,
      ...cacheFlags,
      ...tlsFlags,
      'oidc-client-secret': signInFlags['oidc-client-secret']!,
      'oidc-request-header': signInFlags['oidc-request-header']!,
    },
    load: async () => (await import('./logout.ts')).runLogout,
  },
  clean: {
    summary: 'Deletes what is kept, so that the next kubectl signs in again',
    flags: { ...whichFlags, ...cacheFlags },
    load: async () => (await import('./clean.ts')).runClean,
  },
  version: {
    summary: 'Prints the version',
    flags: {},
    load: async () => (await import('./version.ts')).runVersion,
  },
}
