import { delimiter, resolve } from 'node:path'
import type { Reading, Variables } from '../variable.ts'

/** Read in local mode alone. */
export const localVariables = {
  KUBECONFIG: {
    default: null,
    unset: '~/.kube/config',
    purpose:
      'in local mode, the kubeconfigs whose contexts become the instances; a list of files, as kubectl takes it',
    parse: parsePaths,
  },
  HUB_LOCAL_SECRET: {
    default: null,
    unset: 'a new one at each start',
    secret: true,
    purpose:
      "in local mode, the secret that lets this machine's browser and scripts in; at least 32 characters",
    parse: parseLocalSecret,
  },
} as const satisfies Variables

function parsePaths(text: string): string[] {
  return text
    .split(delimiter)
    .filter((path) => path.trim() !== '')
    .map((path) => resolve(path))
}

function parseLocalSecret(text: string, { mistakes, name }: Reading): string {
  if (!/^[\w.~+/-]{32,}=*$/.test(text)) {
    mistakes.push(
      `${name} must have at least 32 letters, digits and . _ ~ + / -; make one with openssl rand -hex 32, or unset it for a new one at each start.`,
    )
  }
  return text
}
