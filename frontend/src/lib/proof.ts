/** The tab in which somebody shows again who they are, and the one that waits for it. */
const channelName = 'hub-proof'

/** Where a new proof is given; it leads to the page that says so to the other tabs. */
export const proofAddress = `/login?${new URLSearchParams({ again: 'true', return_to: '/proved' }).toString()}`

/** Says in every tab of this browser that somebody has just shown who they are. */
export function announceProof(): void {
  const channel = new BroadcastChannel(channelName)
  // A channel is of this origin alone.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  channel.postMessage('proved')
  channel.close()
}

/** Calls back each time it is said, until it is told to stop. */
export function onProof(callback: () => void): () => void {
  const channel = new BroadcastChannel(channelName)
  channel.addEventListener('message', callback)
  return () => channel.close()
}
