/**
 * Whose words a path speaks: its errors are told as its clients read them. OpenAI's responses differ from the rest of its
 * protocol in how a stream tells one.
 */
export type Protocol = 'openai' | 'openai-responses' | 'anthropic'

export type GatewayCall = {
  /** Below `/v1`, as engines serve it too. */
  path: readonly [string, ...string[]]
  protocol: Protocol
  summary: string
}

/** What is passed on to a model, by the name of its operation. */
export const calls = {
  createChatCompletion: {
    path: ['chat', 'completions'],
    protocol: 'openai',
    summary: 'Chat with a model',
  },
  createCompletion: { path: ['completions'], protocol: 'openai', summary: 'Complete a text' },
  createEmbedding: { path: ['embeddings'], protocol: 'openai', summary: 'Embed texts' },
  createResponse: {
    path: ['responses'],
    protocol: 'openai-responses',
    summary: 'Let a model respond',
  },
  createMessage: {
    path: ['messages'],
    protocol: 'anthropic',
    summary: "Chat with a model, in Anthropic's protocol",
  },
  createRerank: { path: ['rerank'], protocol: 'openai', summary: 'Rank documents' },
} as const satisfies Record<string, GatewayCall>
