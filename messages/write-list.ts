import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isPhrase } from './positions.ts'
import { isApiText, places } from './places.ts'
import { readMessages } from './read-file.ts'

const root = join(import.meta.dirname, '..')
export const listPath = join(root, 'docs/messages.md')

/** docs/messages.md as it is. */
export function readList(): string {
  return readFileSync(listPath, 'utf8')
}

/** Every sentence that people read, as docs/messages.md has them: grouped by where they stand, each once. */
export function writeList(): string {
  const groups = new Map<string, Set<string>>()
  const groupsOf = new Map<string, Set<string>>()
  for (const { group, text } of collect()) {
    groups.set(group, (groups.get(group) ?? new Set()).add(text))
    groupsOf.set(text, (groupsOf.get(text) ?? new Set()).add(group))
  }
  const isShared = (text: string) => groupsOf.get(text)!.size > 1
  const shared = [...groupsOf.keys()].filter(isShared)
  const parts = new Map<string, string[]>()
  const add = (group: string, texts: readonly string[]) => {
    const [part = '', title] = group.split('/')
    const section = [`### ${title}`, '', ...texts.map((text) => `- ${escape(text)}`), '']
    if (texts.length > 0) parts.set(part, [...(parts.get(part) ?? []), ...section])
  }
  for (const group of orderGroups([...groups.keys()])) {
    add(
      group,
      [...groups.get(group)!].filter((text) => !isShared(text)),
    )
  }
  add('Several places/Of all parts', shared.toSorted())
  const body = [...parts].flatMap(([part, lines]) => [`## ${part}`, '', ...lines])
  return `${intro}\n${body.join('\n')}`
}

const intro = `# Messages

Every sentence that the hub, its portal and its commands say to people, so that they can be read side by side. What is filled in
stands as \`…\`. \`bun run messages\` writes this page, and a test fails where it differs from the source.
`

function collect(): { group: string; text: string }[] {
  const paths = globSync('{frontend,backend,shared,cli}/src/**/*.{ts,tsx}', { cwd: root })
  return paths
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !/\.test\.tsx?$/.test(path))
    .toSorted()
    .flatMap((path) =>
      readMessages(path, readFileSync(join(root, path), 'utf8'))
        // A single word is a label in the portal, and a value elsewhere.
        .filter(({ text }) => path.startsWith('frontend/') || isPhrase(text))
        .map(({ code, text }) => ({ group: groupOf(path, code), text: text.trim() })),
    )
}

function groupOf(path: string, code: string | null): string {
  if (code !== null) return `Problems/\`${code}\``
  if (isApiText(path)) return 'API/Its document'
  const place = places.find(({ paths }) => paths.some((start) => path.startsWith(start)))!
  return `${place.part}/${place.title}`
}

/** Places as they are listed, then problems by their code. */
function orderGroups(groups: readonly string[]): string[] {
  const order = places.map(({ part, title }) => `${part}/${title}`)
  const rank = (group: string) => {
    if (group.startsWith('Portal')) return order.indexOf(group)
    if (group.startsWith('Problems')) return 100
    return 200 + order.indexOf(group)
  }
  return groups.toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
}

/** As Markdown shows it, letter by letter. */
function escape(text: string): string {
  return text.replaceAll(/[\\<*_[\]#]/g, '\\$&').replaceAll('`', '\\`')
}
