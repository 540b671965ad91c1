import { readFileSync } from 'node:fs'
import { getCACertificates } from 'node:tls'
import { codeOf, Failure, messageOf } from '../failure.ts'
import type { TlsOptions } from '../flags/options.ts'
import type { Log } from '../log.ts'

const bytesMax = 8 * 1024 * 1024

/** What Bun's fetch takes beside the standard's options. */
type BunInit = RequestInit & {
  tls?: { ca?: string[]; rejectUnauthorized: boolean; allowPartialTrustChain: boolean }
}

export type ProviderFetch = {
  fetch: (url: string, init: RequestInit) => Promise<Response>
  /** By how many seconds the provider's clock is ahead of this machine's, as far as its answers said. */
  skewSeconds(): number
}

/** Asks the provider: with the given authorities beside the system's, answers bounded, failures in a sentence. */
export function createProviderFetch(
  tls: TlsOptions,
  headers: Record<string, string>,
  log: Log,
): ProviderFetch {
  const trust = {
    ca: readAuthorities(tls),
    rejectUnauthorized: tls.isVerified,
    // As kubectl and API servers, to which an authority is one whoever vouches for it.
    allowPartialTrustChain: true,
  }
  let skew = 0
  return {
    skewSeconds: () => skew,
    fetch: async (url, init) => {
      const all = new Headers(init.headers)
      for (const [name, value] of Object.entries(headers)) all.set(name, value)
      const options: BunInit = {
        ...init,
        headers: all,
        tls: trust,
        // A person may have taken longer than the provider keeps a connection, and a code is sent but once.
        keepalive: init.method !== 'POST',
      }
      const { host, origin, pathname } = new URL(url)
      log.debug(`${init.method ?? 'GET'} ${origin}${pathname}`)
      const response = await fetch(url, options).catch((error: unknown) => {
        throw explainNetwork(host, error)
      })
      log.debug(`${response.status} from ${origin}${pathname}`)
      const time = readTime(response.headers)
      if (time !== null) skew = Math.round((time - Date.now()) / 1000)
      return await readBounded(response, host)
    },
  }
}

/** What the provider's clock says now, in milliseconds; null where it does not say. */
function readTime(headers: Headers): number | null {
  const date = Date.parse(headers.get('date') ?? '')
  // RFC 9111 §5.1: what a cache between has kept was said so many seconds ago. Google's discovery is such an answer.
  const ageSeconds = Number(headers.get('age') ?? 0)
  const time = date + ageSeconds * 1000
  return Number.isNaN(time) ? null : time
}

async function readBounded(response: Response, host: string): Promise<Response> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of response.body ?? []) {
      length += chunk.byteLength
      if (length > bytesMax) throw new Failure('unreachable', `${host} answers without end.`)
      chunks.push(chunk)
    }
  } catch (error) {
    throw error instanceof Failure ? error : explainNetwork(host, error)
  }
  const { status, statusText } = response
  const headers = new Headers(response.headers)
  // Beside the error in the body it says nothing more (RFC 6749 §5.2), and would be taken for all that was said.
  headers.delete('www-authenticate')
  const isEmpty = status === 204 || status === 205 || status === 304
  return new Response(isEmpty ? null : Buffer.concat(chunks), { headers, status, statusText })
}

function readAuthorities(tls: TlsOptions): string[] {
  const own = [
    ...tls.authorityFiles.map((path) => {
      try {
        // Windows' editors begin a file by what is no PEM.
        return readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
      } catch (cause) {
        throw new Failure(
          'usage',
          `--certificate-authority ${path} cannot be read (${codeOf(cause)}).`,
          { cause },
        )
      }
    }),
    ...tls.authorityData.map((data) => Buffer.from(data, 'base64').toString('utf8')),
  ]
  for (const text of own) {
    if (!text.includes('-----BEGIN CERTIFICATE-----')) {
      throw new Failure('usage', 'The certificate authority given is not a PEM certificate.')
    }
  }
  return [...getCACertificates('default'), ...getCACertificates('system'), ...own]
}

function explainNetwork(host: string, error: unknown): Failure {
  const code = codeOf(error) ?? codeOf((error as { cause?: unknown }).cause) ?? ''
  const why = `${code} ${messageOf(error)}`
  if (/CERT|SELF_SIGNED|UNABLE_TO_|HOSTNAME|ALTNAME|certificate/i.test(why)) {
    return new Failure(
      'unreachable',
      `The certificate of ${host} is not trusted (${code || messageOf(error)}): name its authority with --certificate-authority.`,
      { cause: error },
    )
  }
  const isLate = error instanceof DOMException && error.name === 'TimeoutError'
  return new Failure(
    'unreachable',
    `${host} ${isLate ? 'does not answer' : `cannot be reached (${code || messageOf(error)})`}: check the network, HTTPS_PROXY and NO_PROXY.`,
    { cause: error },
  )
}
