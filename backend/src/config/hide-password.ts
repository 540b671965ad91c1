/** A setting as a mistake may repeat it in the log: what stands before an @ may be a password, with any character in it. */
export function hidePassword(text: string): string {
  return text.replace(/^(.*?\/\/)?.*@/s, '$1…@')
}
