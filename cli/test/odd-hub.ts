import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

type Answer = {
  status?: number
  headers?: Record<string, string>
  body?: string
  isSilent?: boolean
}
export type OddHub = Awaited<ReturnType<typeof startOddHub>>

export const link = 'l'.repeat(22)
export const token = 'hubpat_test'

/** A hub that tells one cluster's sign-in to whoever holds its link, and answers otherwise where it is told to. */
export async function startOddHub(signIn: object) {
  const requests: { path: string; authorization: string | undefined }[] = []
  let [said, instead]: [object, Answer | null] = [signIn, null]
  const answer = ({ headers, url }: IncomingMessage): Answer => {
    if (instead) return instead
    const json = { 'content-type': 'application/json' }
    if (url === `/api/instances/prod/sign-in?link=${link}`) {
      return { headers: json, body: JSON.stringify(said) }
    }
    const isKnown = headers.authorization === `Bearer ${token}`
    if (url === '/api/instances/prod/kubeconfig' && isKnown) {
      return { headers: json, body: JSON.stringify({ link }) }
    }
    const problem = { detail: 'This link opens no sign-in.' }
    return {
      status: 404,
      headers: { 'content-type': 'application/problem+json' },
      body: JSON.stringify(problem),
    }
  }
  const server = createServer((request, response) => {
    requests.push({ path: request.url!, authorization: request.headers.authorization })
    const { body = '', headers = {}, isSilent, status = 200 } = answer(request)
    if (!isSilent) response.writeHead(status, headers).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    become: (next: { signIn?: object; answer?: Answer | null }) => {
      if (next.signIn) said = next.signIn
      if (next.answer !== undefined) instead = next.answer
    },
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
