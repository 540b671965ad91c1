import { createHash } from 'node:crypto'
import type { Persona } from './personas.ts'

export type Page = { html: string; contentSecurityPolicy: string }

const style = `
:root { color-scheme: light dark; --ink: #1c2330; --soft: #5a6475; --paper: #f4f6fa; --card: #fff; --line: #d5dbe6; --accent: #2f5bd8 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ecf4; --soft: #a3adbf; --paper: #12161e; --card: #1b212c; --line: #343d4d; --accent: #8fb0ff }
}
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
main { width: 100%; max-width: 30rem }
h1 { margin: 0 0 .25rem; font-size: 1.5rem; line-height: 1.25 }
p { margin: 0 0 1.25rem; color: var(--soft) }
button { font: inherit; color: inherit; cursor: pointer }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.people { display: grid; gap: .75rem; margin: 0 0 1.25rem; padding: 0; list-style: none }
.person { display: grid; grid-template-columns: 2.75rem 1fr; gap: .875rem; align-items: center; width: 100%; padding: .875rem 1rem; text-align: left; background: var(--card); border: 1px solid var(--line); border-radius: .75rem }
.person:hover { border-color: var(--accent) }
.initial { display: grid; place-items: center; width: 2.75rem; height: 2.75rem; border-radius: 50%; background: var(--accent); color: var(--card); font-weight: 600 }
.name { display: block; font-weight: 600 }
.may { display: block; color: var(--soft); font-size: .9375rem }
.plain { padding: .5rem .875rem; background: none; border: 1px solid var(--line); border-radius: .5rem }
`

const submitScript = 'document.forms[0].requestSubmit()'

/** The sign-in page: one button per persona. */
export function renderSignIn(options: {
  personas: readonly Persona[]
  clientName: string
  /** Where the form posts to; the persona or `cancel` is the last part. */
  action: string
  /** Browsers apply form-action to the redirects that follow a post, so the client's origin is in it. */
  redirectOrigin: string
}): Page {
  const people = options.personas.map(
    ({ sub, name, may }) => `
      <li><button class="person" name="persona" value="${escape(sub)}">
        <span class="initial" aria-hidden="true">${escape(name[0]!)}</span>
        <span><span class="name">${escape(name)}</span> <span class="may">${escape(may)}</span></span>
      </button></li>`,
  )
  const body = `
    <h1>Who do you want to be?</h1>
    <p>Demo sign-in for ${escape(options.clientName)}. Pick a person: there are no passwords here.</p>
    <form method="post" action="${escape(options.action)}">
      <ul class="people">${people.join('')}</ul>
      <button class="plain" name="persona" value="cancel">Cancel</button>
    </form>`
  return toPage('Demo sign-in', body, { formAction: `'self' ${options.redirectOrigin}` })
}

/** Signing out needs a POST; the page sends it by itself, or by the button where scripts are off. */
export function renderSignOut(form: string, redirectOrigin: string): Page {
  const body = `
    <h1>Signing you out</h1>
    <p>If nothing happens, press the button.</p>
    ${form.replace('</form>', '<input type="hidden" name="logout" value="yes"><button class="plain">Sign out</button></form>')}
    <script>${submitScript}</script>`
  return toPage('Sign out', body, { formAction: `'self' ${redirectOrigin}`, script: submitScript })
}

export function renderMessage(title: string, text: string): Page {
  return toPage(title, `<h1>${escape(title)}</h1><p>${escape(text)}</p>`, { formAction: "'none'" })
}

function toPage(
  title: string,
  body: string,
  options: { formAction: string; script?: string },
): Page {
  const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escape(title)}</title>
    <style>${style}</style>
  </head>
  <body><main>${body}</main></body>
</html>
`
  const directives = [
    "default-src 'none'",
    `style-src '${hash(style)}'`,
    ...(options.script === undefined ? [] : [`script-src '${hash(options.script)}'`]),
    `form-action ${options.formAction.trim()}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ]
  return { html, contentSecurityPolicy: directives.join('; ') }
}

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
