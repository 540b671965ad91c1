import type { AppType } from '@hub/backend/app'
import { hc } from 'hono/client'
import { noteTime } from '../clock.ts'
import { ApiProblem, readProblem, type HttpAnswer } from './problem.ts'
import { readTogether } from './read-together.ts'
import { notePosition } from './stream-position.ts'

/** The hub's operations. The server's type checks paths, parameters, bodies and what comes back: page and hub come together. */
export const { api } = hc<AppType>('/', {
  fetch: async (input: string | URL | Request, init?: RequestInit) => {
    const answer = await fetch(input, init)
    notePosition(answer.headers)
    noteTime(answer.headers)
    return answer
  },
})

/** How what the hub has in memory is read: in one request with all that a page reads in the same moment. */
export function together(signal: AbortSignal) {
  return {
    fetch: (address: string | URL | Request) => {
      const path = address instanceof Request ? address.url : address.toString()
      // `read` takes no more of an answer than this one has.
      return readTogether(api.batch.$path(), path, signal) as Promise<Response>
    },
  }
}

/** hono puts parameters into a path as they are, and these come from the address bar. */
export function encode<Name extends string>(param: Record<Name, string>): Record<Name, string> {
  return Object.fromEntries(
    Object.entries<string>(param).map(([name, value]) => [name, encodeURIComponent(value)]),
  ) as Record<Name, string>
}

interface Answer<Body> extends HttpAnswer {
  json: () => Promise<Body>
}

/** The body, which is what the server's type promises. Throws `ApiProblem`. */
export async function read<Body>(sent: Promise<Answer<Body>>): Promise<Body> {
  const answer = await send(sent)
  return await answer.json().catch(() => {
    throw new ApiProblem({
      status: answer.status,
      code: 'internal',
      detail:
        'This page does not understand the hub’s answer. Reload the page to get the current version.',
    })
  })
}

/** The answer of a success. Throws `ApiProblem` for any other. */
export async function send<Sent extends HttpAnswer>(sent: Promise<Sent>): Promise<Sent> {
  const answer = await sent.catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiProblem({
      status: 0,
      code: 'unavailable',
      detail: 'The hub cannot be reached. Check your connection and try again.',
    })
  })
  if (!answer.ok) throw await readProblem(answer)
  return answer
}
