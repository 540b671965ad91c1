import type { Problem } from '@hub/shared'

/** What a browser gets when a sign-in fails: the problem's status, its sentence, and the way on to the sign-in page. */
export function renderLoginError(problem: Problem): string {
  const query = new URLSearchParams({ error: problem.code, ref: problem.requestId })
  const target = escapeHtml(`/login?${query.toString()}`)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="0; url=${target}">
<title>${escapeHtml(problem.title)}</title>
<h1>${escapeHtml(problem.title)}</h1>
<p>${escapeHtml(problem.detail)}</p>
<p><a href="${target}">Go to the sign-in page</a></p>
</html>
`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
