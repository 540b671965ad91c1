import type { LoadedKubeconfig } from '#kube'

export const credentialExtension = '.kubeconfig'

/** A file that was meant to be a credential, as far as its name or content says, and is none by its name. */
export type MisnamedFile = { file: string; reason: string; fix: string }

/** The text of a kubeconfig, or why there is none to be had. */
export type SourceContent = { text: string } | { reason: string; fix: string }

export type SourceWatch = { close(): Promise<void> }

/** Where credentials come from: each has a name `<instance>.kubeconfig`, whether or not there is such a file. */
export type CredentialSource = {
  /** What is there; `names` is null where that cannot be told now and nothing may be concluded. */
  list(): Promise<{
    names: string[] | null
    problem: string | null
    /** What was meant to be a credential and has another name. */
    misnamed?: readonly MisnamedFile[]
  }>
  /** Null where it is gone since it was listed. */
  read(name: string): Promise<SourceContent | null>
  /** Parses what was read for an instance, with the files that it names. */
  load(text: string, instance: string): Promise<LoadedKubeconfig>
  /** What an administrator knows it by. */
  title(name: string): string
  /** Tells of what may be a change; `onError` where it cannot, and looking often has to do. */
  watch(onEvent: () => void, onError: (error: unknown) => void): SourceWatch
}
