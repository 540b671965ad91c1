export type JoinTexts = (texts: readonly string[]) => Uint8Array

/**
 * The bytes of texts together, the same ones for all who are written the same in turn. What is outside of V8's heap and
 * lives shortly is dear: some megabytes of it before the next young collection, and V8 begins a full one.
 */
export function createJoinTexts(): JoinTexts {
  let last: { texts: readonly string[]; bytes: Uint8Array } = { texts: [], bytes: Buffer.of() }
  return (texts) => {
    const isSame =
      texts.length === last.texts.length && texts.every((text, at) => text === last.texts[at])
    if (!isSame) last = { texts, bytes: Buffer.from(texts.join('')) }
    return last.bytes
  }
}
