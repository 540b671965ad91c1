/** Colours and cursor moves of terminals: ECMA-48 §5.4 and §5.6, which end as they say or not at all. */
const terminal =
  // oxlint-disable-next-line no-control-regex -- controls are what it looks for
  /\u001B(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[ -/]*[0-~])/g
/** Controls but for blanks, and what turns the direction of the text that follows (CVE-2021-42574). */
const unseen =
  // oxlint-disable-next-line no-control-regex -- controls are what it looks for
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g
const hasUnseen = new RegExp(unseen.source)

/** A stranger's text as it can stand beside others on a page: without what terminals obey and what hides or mirrors them. */
export function showText(text: string): string {
  if (!hasUnseen.test(text)) return text
  return text.replaceAll(terminal, '').replaceAll(unseen, '')
}

/** The same within a sentence: on one line, without blanks at its ends, and no longer than that. */
export function showLine(text: string, lengthMax = Number.POSITIVE_INFINITY): string {
  return showText(text).replaceAll(/\s+/g, ' ').trim().slice(0, lengthMax)
}

/** The same text for a terminal or an editor, with escapes as JSON has them, so that nothing of it is lost. */
export function escapeUnseen(text: string): string {
  return text.replaceAll(unseen, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
