/** The tab in which somebody tries a cluster's own sign-in, and the one that waits for what the provider says. */
const channelName = 'hub-cluster-sign-in'

type Message = { type: 'answer'; query: string } | { type: 'taken'; state: string }

/** What a provider wrote into the address that it led the browser back to. */
export interface ProviderAnswer {
  state: string
  code?: string
  iss?: string
  error?: string
  errorDescription?: string
}

/** Hands what the provider said to the tab that waits for it; false where none does. */
export async function announceAnswer(query: string, waitMs = 3000): Promise<boolean> {
  const { state } = readAnswer(query)
  const channel = new BroadcastChannel(channelName)
  try {
    return await new Promise<boolean>((resolve) => {
      channel.addEventListener('message', ({ data }: MessageEvent<Message>) => {
        if (data.type === 'taken' && data.state === state) resolve(true)
      })
      setTimeout(resolve, waitMs, false)
      post(channel, { type: 'answer', query })
    })
  } finally {
    channel.close()
  }
}

/** Calls back once, when the sign-in of this state comes back, until it is told to stop. */
export function onAnswer(state: string, callback: (answer: ProviderAnswer) => void): () => void {
  const channel = new BroadcastChannel(channelName)
  let isTaken = false
  channel.addEventListener('message', ({ data }: MessageEvent<Message>) => {
    if (data.type !== 'answer') return
    const answer = readAnswer(data.query)
    if (answer.state !== state) return
    post(channel, { type: 'taken', state })
    if (isTaken) return
    isTaken = true
    callback(answer)
  })
  return () => channel.close()
}

export function readAnswer(query: string): ProviderAnswer {
  const parameters = new URLSearchParams(query)
  const named = {
    code: parameters.get('code'),
    iss: parameters.get('iss'),
    error: parameters.get('error'),
    errorDescription: parameters.get('error_description'),
  }
  const said = Object.entries(named).filter(([, value]) => value !== null)
  return { state: parameters.get('state') ?? '', ...Object.fromEntries(said) }
}

function post(channel: BroadcastChannel, message: Message): void {
  // A channel is of this origin alone.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  channel.postMessage(message)
}
