/** It signs in nobody by itself: mail scanners and link previews open every link, and press no button. */
export function renderLinkPage(code: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Sign in with a link</title>
<h1>Sign in with a link</h1>
<p>This link was made on the hub's server, to sign an administrator in without the identity provider. It works once.</p>
<form method="post" action="/api/auth/link?code=${encodeURIComponent(code)}">
<button type="submit" autofocus>Sign in</button>
</form>
</html>
`
}

/** Nothing but its own form; frames would let another site have it pressed. */
export const linkPagePolicy =
  "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
