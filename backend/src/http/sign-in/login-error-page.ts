import type { Problem } from '@hub/shared'
import { escapeHtml } from '../escape-html.ts'

type LoginErrorOptions = {
  helpUrl?: string | undefined
  /** It is the sign-in page itself that failed: to go there at once would fail again and again. */
  isLast?: boolean
  /** The path of the portal that the sign-in was to lead to. */
  returnTo?: string
}

/**
 * What a browser gets when a sign-in fails: the problem's status, its sentence, and the way on. The sign-in page says
 * as much about most codes, and follows by itself; whose account is not allowed reads here why.
 */
export function renderLoginError(
  problem: Problem,
  { helpUrl, isLast = false, returnTo = '/' }: LoginErrorOptions = {},
): string {
  const query = new URLSearchParams({ error: problem.code, ref: problem.requestId })
  if (returnTo !== '/') query.set('return_to', returnTo)
  const target = escapeHtml(`/login?${query.toString()}`)
  const goesOn = !isLast && problem.code !== 'account-not-allowed'
  const lines = [
    '<!doctype html>',
    '<html lang="en">',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    ...(goesOn ? [`<meta http-equiv="refresh" content="0; url=${target}">`] : []),
    `<title>${escapeHtml(problem.title)}</title>`,
    `<h1>${escapeHtml(problem.title)}</h1>`,
    `<p>${escapeHtml(problem.detail)}</p>`,
    ...(helpUrl === undefined
      ? []
      : [`<p><a href="${escapeHtml(helpUrl)}">Sign in to your organization</a></p>`]),
    `<p><a href="${target}">Go to the sign-in page</a></p>`,
    '</html>',
    '',
  ]
  return lines.join('\n')
}
