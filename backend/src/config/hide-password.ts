/** A setting as a mistake may repeat it in the log: what stands before an @ may be a password, with any character in it. */
export function hidePassword(text: string): string {
  return text.replace(/^(.*?\/\/)?.*@/s, '$1…@')
}

/** The same of a part of a setting, such as an item of a list: what parts them may stand in a password too. */
export function hidePasswordsOf(setting: string): (part: string) => string {
  return (part) => (part.includes('@') || !setting.includes('@') ? hidePassword(part) : '…')
}
