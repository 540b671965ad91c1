/** The items of a comma list, without blanks. */
export function readList(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

export type ListItem = { text: string; isQuoted: boolean }

/**
 * The items of a comma list of which some may be in double quotes, as in CSV (RFC 4180 §2): commas and blanks within them
 * count, and a quote is written twice. Null where a quote does not end.
 */
export function readQuotedList(value: string | undefined): ListItem[] | null {
  const items: ListItem[] = []
  let rest = (value ?? '').trim()
  while (rest !== '') {
    const quoted = /^"((?:[^"]|"")*)"\s*(?:,|$)/.exec(rest)
    const plain = quoted ?? /([^,]*)(?:,|$)/.exec(rest)!
    if (!quoted && rest.startsWith('"')) return null
    const text = quoted ? quoted[1]!.replaceAll('""', '"') : plain[1]!.trim()
    if (text !== '') items.push({ text, isQuoted: quoted !== null })
    rest = rest.slice(plain[0].length).trim()
  }
  return items
}
