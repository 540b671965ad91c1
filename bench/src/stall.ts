import { request } from 'node:http'

/** Asks for an endless answer and never reads it. */
export function stall(
  url: string,
  headers: Record<string, string>,
  defer: (undo: () => unknown) => void,
): void {
  const outgoing = request(url, { headers, agent: false }, (response) => {
    response.pause()
  })
  outgoing.on('error', () => undefined)
  outgoing.end()
  defer(() => outgoing.destroy())
}
