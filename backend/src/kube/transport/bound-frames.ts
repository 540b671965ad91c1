import type { ClientHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import { ClusterError } from '../cluster-error.ts'

/** Between two looks; what was answered and is not read yet counts too, of all streams at most 24 MiB. */
const otherBytesMax = 32 * 1024 * 1024
const controlFramesMax = 1_000
const lookMs = 5_000

/** Ends a session that sends other frames without end: nothing holds these back (CVE-2019-9512, CVE-2019-9515, CVE-2019-9518). */
export function boundFrames(session: ClientHttp2Session, socket: Socket) {
  let controlFrames = 0
  let answered = 0
  let others = 0
  const end = () =>
    session.destroy(new ClusterError('too-much', { message: 'sends HTTP/2 frames without end' }))
  const addControlFrame = () => {
    controlFrames += 1
    if (controlFrames > controlFramesMax) end()
  }
  for (const event of ['ping', 'remoteSettings', 'altsvc', 'origin']) {
    session.on(event, addControlFrame)
  }
  const timer = setInterval(() => {
    const before = others
    others = socket.bytesRead - answered
    controlFrames = 0
    if (others - before > otherBytesMax) end()
  }, lookMs).unref()
  session.once('close', () => clearInterval(timer))
  return { addBytes: (count: number) => void (answered += count) }
}
