/** Controls, and what turns the direction of the text that follows (CVE-2021-42574): a name stands within sentences. */
const unwanted = /[\p{Cc}\u202A-\u202E\u2066-\u2069]+/gu

/** A text for people: without control characters, and as databases can keep it. */
export function cleanText(text: string): string {
  return text.replaceAll(unwanted, ' ').trim().slice(0, 256).toWellFormed()
}
