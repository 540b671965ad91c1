/** Why a kubeconfig is not taken, and what to do. */
export class Refusal extends Error {
  readonly fix: string

  constructor(reason: string, fix: string) {
    super(reason)
    this.fix = fix
  }
}

export const howToMake =
  'Copy a kubeconfig with inline credentials, such as one from "kubectl config view --minify --flatten --raw".'
const inlineFix =
  'Inline it: "kubectl config view --minify --flatten --raw" writes the file\'s content into the kubeconfig.'
/** Where a kubeconfig comes by itself, without the files that it names. */
export function describeUnopened(field: string): { reason: string; fix: string } {
  return {
    reason: `"${field}" names a file, which the hub does not open here.`,
    fix: inlineFix,
  }
}

export const serviceAccountFix =
  'Use a kubeconfig with the token of a ServiceAccount or an inline client certificate instead.'
