/**
 * Providers of models outside of all clusters: where each is, up to and with the version of its OpenAI-compatible API.
 * One is on when its key is set.
 */
export const outsideProviders = {
  openai: { url: 'https://api.openai.com/v1', scheme: 'bearer' },
  anthropic: { url: 'https://api.anthropic.com/v1', scheme: 'x-api-key' },
  groq: { url: 'https://api.groq.com/openai/v1', scheme: 'bearer' },
  mistral: { url: 'https://api.mistral.ai/v1', scheme: 'bearer', tellsUsage: true },
  cohere: { url: 'https://api.cohere.ai/compatibility/v1', scheme: 'bearer' },
  deepseek: { url: 'https://api.deepseek.com/v1', scheme: 'bearer' },
  google: {
    url: 'https://generativelanguage.googleapis.com/v1beta/openai',
    scheme: 'bearer',
  },
  nvidia: { url: 'https://integrate.api.nvidia.com/v1', scheme: 'bearer' },
  openrouter: { url: 'https://openrouter.ai/api/v1', scheme: 'bearer' },
  together: { url: 'https://api.together.xyz/v1', scheme: 'bearer' },
  cloudflare: { url: null, scheme: 'bearer' },
  ollama: { url: null, scheme: 'bearer' },
} as const satisfies Record<
  string,
  { url: string | null; scheme: 'bearer' | 'x-api-key'; tellsUsage?: true }
>

export type OutsideProviderConfig = {
  /** Among the names of instances. */
  id: string
  /** Without a slash at the end. */
  url: string
  /** Null where one that the hub does not know asks for none. */
  apiKey: string | null
  /** The variable, or the file beside the configuration file, that says the key. */
  keyName: string
  scheme: 'bearer' | 'x-api-key'
  /** A stream's usage unasked; asking for it is refused there. */
  tellsUsage: boolean
  /** The configuration file, where it is of that. */
  file: string | null
}

/** Of the environment variables that say a provider's key and address. */
export function nameVariables(id: string): { key: string; url: string } {
  const name = id.toUpperCase().replaceAll('-', '_')
  return { key: `${name}_API_KEY`, url: `${name}_API_URL` }
}
