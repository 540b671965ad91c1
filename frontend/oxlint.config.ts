import { defineConfig } from 'oxlint'
import root from '../oxlint.config.ts'

/** The one order of the portal's folders: each imports only from those before it, and no feature from another. */
const order = ['lib', 'components', 'features', 'app']

interface Pattern {
  regex: string
  message: string
  allowTypeImports?: boolean
}

/** The backend is known by the type of its routes, which the typed client alone is made of. */
function restrictBackend(folder: string): Pattern {
  const isClient = folder === 'lib/api'
  return {
    regex: '^@hub/backend(/|$)',
    message: isClient
      ? 'Only the type of the backend is known here.'
      : 'Call the hub by the typed client in lib/api.',
    allowTypeImports: isClient,
  }
}

function restrict(folder: string, patterns: Pattern[]) {
  return {
    files: [`src/${folder}/**`],
    rules: {
      'no-restricted-imports': ['error', { patterns: [...patterns, restrictBackend(folder)] }] as [
        'error',
        { patterns: Pattern[] },
      ],
    },
  }
}

/** What a folder before `features` may not import: whatever comes after it. */
function onlyLeftwards(folder: string): Pattern {
  const later = order.slice(order.findIndex((name) => folder.startsWith(name)) + 1)
  return {
    regex: `^(\\.\\./)+(${later.join('|')})/`,
    message: 'Import only leftwards in the order of frontend/oxlint.config.ts.',
  }
}

/** The same in a folder within a feature, whose own files are one step up. */
const ofOthersBelow = {
  regex: '^(\\.\\./){2}[^.]|^(\\.\\./)+(app|features)/',
  message: 'A feature knows neither another feature nor the app; compose them in app/routes.',
}

const ofOthers = {
  regex: '^\\.\\./[^.]|^(\\.\\./)+(app|features)/',
  message: 'A feature knows neither another feature nor the app; compose them in app/routes.',
}

export default defineConfig({
  extends: [root],
  // A later one of the same files replaces an earlier one, so each list is whole.
  overrides: [
    ...['lib', 'lib/api', 'components'].map((folder) => restrict(folder, [onlyLeftwards(folder)])),
    restrict('features', [ofOthers]),
    restrict('features/*/*', [ofOthersBelow]),
    restrict('app', []),
  ],
})
