import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'

/** A program that calls models through the hub, and the deployment that it calls most. */
export type DemoProgram = {
  clientId: string
  clientSecret: string
  audience: string
  instance: string
  model: string
  everySeconds: number
}

const secret = () => randomBytes(24).toString('base64url')
/** What the hub takes as audience of programs' tokens. */
export const audience = 'hub-models'

export const demoPrograms: readonly DemoProgram[] = [
  {
    clientId: 'support-assistant',
    clientSecret: secret(),
    audience,
    instance: 'demo-east',
    model: 'llama-3.1-8b',
    everySeconds: 4,
  },
  {
    clientId: 'release-notes',
    clientSecret: secret(),
    audience,
    instance: 'demo-west',
    model: 'mistralai/Mistral-7B-Instruct-v0.3',
    everySeconds: 11,
  },
]

const questions = [
  'Which of our clusters has room for another replica?',
  'Write one sentence about what changed since last week.',
  'How do I read the logs of a pod that restarted?',
  'Explain the difference between a Deployment and a StatefulSet in two sentences.',
]
const tokenSeconds = 1_800
const answerMs = 30_000

/** Has the programs call their models through the hub until `signal` aborts. What fails is tried again at its time. */
export async function runPrograms(hub: string, issuer: string, signal: AbortSignal): Promise<void> {
  await Promise.all(demoPrograms.map((program) => runProgram(program, hub, issuer, signal)))
}

async function runProgram(
  program: DemoProgram,
  hub: string,
  issuer: string,
  signal: AbortSignal,
): Promise<void> {
  let token: { text: string; until: number } | null = null
  for (let turn = 0; !signal.aborted; turn += 1) {
    try {
      if (token === null || token.until < Date.now()) {
        token = {
          text: await fetchToken(program, issuer, signal),
          until: Date.now() + tokenSeconds * 1000,
        }
      }
      await callModel(program, hub, token.text, questions[turn % questions.length]!, signal)
    } catch {
      token = null
    }
    await setTimeout(program.everySeconds * 1000, undefined, { signal }).catch(() => undefined)
  }
}

async function fetchToken(
  { clientId, clientSecret }: DemoProgram,
  issuer: string,
  signal: AbortSignal,
): Promise<string> {
  const credentials = Buffer.from(`${clientId}:${clientSecret}`).toString('base64')
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
    signal,
  })
  if (!response.ok) throw new Error(`no token: ${response.status}`)
  return ((await response.json()) as { access_token: string }).access_token
}

async function callModel(
  { instance, model }: DemoProgram,
  hub: string,
  token: string,
  content: string,
  signal: AbortSignal,
): Promise<void> {
  const response = await fetch(`${hub}/v1/chat/completions?provider=${instance}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, stream: true, messages: [{ role: 'user', content }] }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
  })
  await response.arrayBuffer()
}
