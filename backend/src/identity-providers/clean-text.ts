/** A text for people: without control characters, and as databases can keep it. */
export function cleanText(text: string): string {
  return text
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, 256)
    .toWellFormed()
}
