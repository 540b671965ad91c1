import { checkClientCertificate } from './client-certificate.ts'
import type { KubeconfigPolicy, ReadReferencedFile } from './kubeconfig-policy.ts'
import { judgeExecPlugin } from './judge-exec-plugin.ts'
import { isSet, listNames, readPem, readText, refuseMasked } from './read-field.ts'
import { howToMake, Refusal, serviceAccountFix } from './refusal.ts'

/** Fields that Kubernetes no longer takes, or never took. */
const refusedUserFields: [field: string, reason: string, fix: string][] = [
  [
    'auth-provider',
    'The user has an "auth-provider", which Kubernetes removed.',
    serviceAccountFix,
  ],
  [
    'username',
    'The user has a user name and password, which Kubernetes no longer takes.',
    serviceAccountFix,
  ],
  [
    'password',
    'The user has a user name and password, which Kubernetes no longer takes.',
    serviceAccountFix,
  ],
  [
    'token-file',
    'The user\'s "token-file" names a file, but Kubernetes has no such field.',
    'Write "tokenFile", or inline it as "token".',
  ],
]

/** What a user proves who they are with. Throws Refusal. */
export function readUser(
  user: Record<string, unknown>,
  policy: KubeconfigPolicy,
  readFile: ReadReferencedFile,
) {
  for (const [field, reason, fix] of refusedUserFields) {
    if (isSet(user, field)) throw new Refusal(reason, fix)
  }
  const exec = judgeExecPlugin(user.exec, policy.execPlugins, policy.programFolders)
  const token = readUserToken(user, readFile)
  const clientCertificate = readClientCertificate(user, readFile)
  if (exec && (token !== null || clientCertificate !== null)) {
    throw new Refusal(
      'The user runs a program ("exec") and has a token or client certificate as well.',
      'Keep one of them.',
    )
  }
  if (!exec && token === null && clientCertificate === null) {
    throw new Refusal('The user has neither a token nor a client certificate.', serviceAccountFix)
  }
  const impersonation = Object.keys(user).filter((field) => /^(as|as-.*)$/.test(field))
  return {
    credential: { token, clientCertificate },
    exec,
    isTokenRenewed: exec !== null || isSet(user, 'tokenFile'),
    warnings:
      impersonation.length === 0
        ? []
        : [`Impersonation in the kubeconfig is ignored: ${listNames(impersonation)}.`],
  }
}

/** As client-go does: the file's token wins over the one beside it. */
function readUserToken(user: Record<string, unknown>, readFile: ReadReferencedFile): string | null {
  const path = readText(user, 'tokenFile', 'user')
  if (path !== null) return checkToken(readFile(path, 'tokenFile'), 'tokenFile')
  const token = readText(user, 'token', 'user')
  if (token !== null) refuseMasked(token, 'token')
  return token === null ? null : checkToken(token, 'token')
}

/** Throws Refusal for what can be no bearer token. */
export function checkToken(text: string, field: string): string {
  const token = text.trim()
  if (/^[\x21-\x7e]+$/.test(token)) return token
  throw new Refusal(
    token === ''
      ? `The user's "${field}" is empty.`
      : `The user's "${field}" holds spaces or other characters no token has.`,
    'Copy it again.',
  )
}

function readClientCertificate(user: Record<string, unknown>, readFile: ReadReferencedFile) {
  const certificate = readPem(user, 'client-certificate', 'user', readFile)
  const key = readPem(user, 'client-key', 'user', readFile)
  if (certificate === null && key === null) return null
  if (certificate === null || key === null) {
    const missing = certificate === null ? 'client-certificate-data' : 'client-key-data'
    throw new Refusal(
      `The user's client certificate is incomplete: "${missing}" is missing.`,
      howToMake,
    )
  }
  return checkClientCertificate(certificate, key)
}
