import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { decodeJwt, SignJWT } from 'jose'
import {
  parseAssertion,
  parseClientKey,
  type ClientCredential,
  type ClientKey,
  type Parsed,
} from '#config'
import { AppError } from '#errors'
import type { ClientAuthOptions, ClientProof, TakenProofs } from './client-proof.ts'

type FileCredential = Exclude<ClientCredential, { type: 'secret' }>

/** Long enough for one request, whatever the clocks. */
const lifeSeconds = 60
/** By how much the provider's clock may be behind. */
const headStartSeconds = 10

/** The client has nothing to prove itself by that the provider takes. Nothing was sent then. */
export class ProofFault extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ProofFault'
  }
}

/**
 * A JWT says who the client is (RFC 7523 §2.2): one that it signs for this request, or the one that its platform gave. Throws
 * `provider-unavailable` with a ProofFault for its cause.
 */
export async function proveByAssertion(
  options: Omit<ClientAuthOptions, 'credential'> & { credential: FileCredential },
  provider: TakenProofs,
): Promise<ClientProof> {
  const { clientId, credential, method } = options
  const { authMethods } = provider
  if (method === 'auto' && authMethods?.includes('private_key_jwt') === false) {
    throw unproven(
      `the provider's metadata list ${authMethods.join(', ') || 'no method'} for the token endpoint, not private_key_jwt; register the key there, or say that it is taken all the same with OIDC_PROVIDER_CLIENT_AUTH=private_key_jwt`,
    )
  }
  const assertion =
    credential.type === 'key'
      ? await sign(await read(credential, parseClientKey), options, provider)
      : requireValid(await read(credential, parseAssertion), options)
  return {
    method: 'private_key_jwt',
    form: {
      client_id: clientId,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    },
  }
}

/** Anew at each use: whoever renews the file restarts nothing. */
async function read<Value>(
  { path, variable }: FileCredential,
  parse: (text: string) => Parsed<Value>,
): Promise<Value> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw unproven(`${variable} names ${path}, which cannot be read (${error.code ?? error.name})`)
  })
  const parsed: Parsed<Value> = text.trim() === '' ? { fault: 'is empty' } : parse(text)
  if ('fault' in parsed) throw unproven(`${variable} names ${path}, which ${parsed.fault}`)
  return parsed.value
}

function sign(
  { algorithms, key, names }: ClientKey,
  { assertionAudience, clientId, credential, now }: Parameters<typeof proveByAssertion>[0],
  { authAlgorithms, issuer, tokenEndpoint }: TakenProofs,
): Promise<string> {
  const alg = algorithms.find((each) => authAlgorithms?.includes(each) !== false)
  if (alg === undefined) {
    throw unproven(
      `the key of ${credential.variable} signs by ${algorithms.join(', ')}, and the provider takes ${authAlgorithms?.join(', ')}; make one of a kind that it takes`,
    )
  }
  const isOlder = assertionAudience === 'token_endpoint'
  const issuedAt = Math.floor(now().getTime() / 1000) - headStartSeconds
  return (
    new SignJWT({ jti: randomUUID() })
      .setProtectedHeader({ alg, typ: isOlder ? 'JWT' : 'client-authentication+jwt', ...names })
      .setIssuer(clientId)
      .setSubject(clientId)
      // Of an issuer alone, or another provider of the client could pass it on (RFC 7523bis).
      .setAudience(isOlder ? tokenEndpoint : issuer)
      .setIssuedAt(issuedAt)
      .setNotBefore(issuedAt)
      .setExpirationTime(issuedAt + headStartSeconds + lifeSeconds)
      .sign(key)
  )
}

/** One that is over would be refused without a word of why. */
function requireValid(
  assertion: string,
  { credential, now }: Parameters<typeof proveByAssertion>[0],
): string {
  const { path, variable } = credential
  const end = findEnd(assertion)
  if (end === null || end * 1000 > now().getTime()) return assertion
  throw unproven(
    `${variable} names ${path}, whose token was good until ${new Date(end * 1000).toISOString()}; look why its platform does not renew it`,
  )
}

function findEnd(assertion: string): number | null {
  try {
    return decodeJwt(assertion).exp ?? null
  } catch {
    return null
  }
}

function unproven(reason: string): AppError {
  return new AppError('provider-unavailable', {
    detail:
      'The hub cannot prove to the identity provider who it is. Tell an administrator: the log has the reason.',
    cause: new ProofFault(reason),
  })
}
