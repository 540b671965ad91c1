import type { IncomingMessage } from 'node:http'

/** A cluster that does what it is asked and dies before it says so, for the changes that `isLost` picks. */
export function loseAnswers(isLost: (request: IncomingMessage) => boolean) {
  return (request: IncomingMessage): void => {
    if (request.method === 'GET' || !isLost(request)) return
    const { socket } = request
    socket.write = () => {
      socket.destroy()
      return true
    }
  }
}
