/** An `Idempotency-Key`: what is sent again under it happens once. */
export function makeRequestKey(): string {
  // crypto.randomUUID is there on secure origins alone.
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
