import { hash } from 'node:crypto'
import type { Provider, ProviderId } from '@hub/shared'
import { escapeHtml } from '../escape-html.ts'
import { describeSignInError } from './sign-in-error.ts'
import { signInStyle } from './sign-in-style.ts'

export type SignInPage = {
  /** A path of the portal. */
  returnTo: string
  /** The person is signed in, and shows once more that it is them. */
  again: boolean
  /** The problem code a sign-in came back with, and the id of that request. */
  error: string | undefined
  reference: string | undefined
  /** Why the session that this browser shows is over; null where nothing is to be said of it. */
  ended: string | null
  /** In their order; null in local mode, where nobody signs in. */
  providers: readonly Provider[] | null
}

const product = 'KubeAIRunway Hub'

/** Complete as it is sent: nothing has to be loaded before somebody can sign in. */
export function renderSignInPage(page: SignInPage): string {
  const { again, error, ended } = page
  const fault = error === undefined ? null : describeSignInError(error)
  const heading = again ? 'Confirm that it is you' : product
  const title = `${again ? heading : 'Sign in'} · ${product}`
  const notice = fault
    ? renderNotice('bad', fault.title, renderFault(fault.text, page.reference), true)
    : ended !== null && !again
      ? renderNotice('warning', 'You were signed out', `<p>${escapeHtml(ended)}</p>`, true)
      : ''
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(fault ? `${fault.title} · ${title}` : title)}</title>
<link rel="icon" type="image/svg+xml" href="/favicon.svg">
<script src="/color-scheme.js"></script>
<style>${signInStyle}</style>
<main id="main">
<div class="card">
${brand}
<h1>${heading}</h1>
<p class="lead">${again ? againLead : lead}</p>
${notice}
${page.providers === null ? localEntry : renderProviders(page.providers, page)}
</div>
</main>
</html>
`
}

const lead = 'Deploy and watch AI models on every cluster you have access to, from one place.'
const againLead =
  'What you are about to do needs a fresh sign-in. Sign in as the same person, then go back to the tab you came from.'

function renderFault(text: string, reference: string | undefined): string {
  const shown = reference ? `<p class="reference">Reference ${escapeHtml(reference)}</p>` : ''
  return `<p>${escapeHtml(text)}</p>${shown}`
}

/** What is there from the start is not announced by itself: it has the focus, and is read then. */
function renderNotice(tone: 'bad' | 'warning', title: string, html: string, isAlert: boolean) {
  const alert = isAlert ? ' role="alert" tabindex="-1" autofocus' : ''
  return `<div class="notice ${tone}"${alert}><strong>${escapeHtml(title)}</strong>${html}</div>`
}

function renderProviders(
  providers: readonly Provider[],
  { again, returnTo }: Pick<SignInPage, 'again' | 'returnTo'>,
): string {
  if (providers.length === 0) {
    const text =
      '<p>The operator of this hub has to set <code>ENABLED_AUTH_PROVIDERS</code> to one or more of <code>entra</code>, <code>github</code> and <code>oidc</code>, and restart it.</p>'
    return renderNotice('warning', 'No sign-in method is set up', text, false)
  }
  const query = new URLSearchParams({ return_to: returnTo, ...(again && { prompt: 'login' }) })
  return providers
    .map(({ id, name }, index) => {
      const href = escapeHtml(`/api/auth/login/${id}?${query.toString()}`)
      const className = index === 0 ? 'button primary' : 'button'
      return `<a class="${className}" href="${href}">${icons[id]}Continue with ${escapeHtml(name)}</a>`
    })
    .join('\n')
}

/** The hub serves whoever started it: the token is in the address that it printed there. */
const localEntry = `<form action="/" method="get">
<p>This hub serves only the person who started it. Open the address that it printed in the terminal, or paste the token at the end of that address.</p>
<div><label for="token">Token</label><input id="token" name="token" type="password" autocomplete="off" required></div>
<button class="button primary" type="submit">Open</button>
</form>`

const brand = `<svg class="brand" width="44" height="44" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="7" fill="#3b5bdb"/><path d="M12.5 5h7L26 27H6z" fill="#fff"/><path d="M16 8v3.5M16 14.5v4M16 21.5v5" stroke="#3b5bdb" stroke-width="2"/></svg>`

function icon(shapes: string): string {
  return `<svg width="18" height="18" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" aria-hidden="true">${shapes}</svg>`
}

const icons: Record<ProviderId, string> = {
  entra: icon(
    '<rect x="4" y="4" width="7" height="7"/><rect x="13" y="4" width="7" height="7"/><rect x="4" y="13" width="7" height="7"/><rect x="13" y="13" width="7" height="7"/>',
  ),
  github: icon(
    '<circle cx="6" cy="5" r="2"/><circle cx="6" cy="19" r="2"/><circle cx="18" cy="8" r="2"/><path d="M6 7v10M18 10c0 4-12 2-12 7"/>',
  ),
  oidc: icon('<circle cx="8" cy="16" r="4"/><path d="M11 13l9-9M16 8l3 3"/>'),
}

/** Its one style is known (CSP 3 §2.3.1); its one script is the portal's, and its one form is of local mode. */
export const signInPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'sha256-${hash('sha256', signInStyle, 'base64')}'`,
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')
