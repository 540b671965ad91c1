import { defineConfig } from 'oxlint'
import root from '../oxlint.config.ts'

/** The one order of the portal's folders: each imports only from those before it, and no feature from another. */
const order = ['lib', 'components', 'features', 'app']

function restrict(files: string, regex: string, message: string) {
  const patterns = [{ regex, message }]
  return {
    files: [files],
    rules: {
      'no-restricted-imports': ['error', { patterns }] as ['error', { patterns: typeof patterns }],
    },
  }
}

export default defineConfig({
  extends: [root],
  overrides: [
    ...['lib', 'components'].map((folder) =>
      restrict(
        `src/${folder}/**`,
        `^\\.\\./(${order.slice(order.indexOf(folder) + 1).join('|')})/`,
        'Import only leftwards in the order of frontend/oxlint.config.ts.',
      ),
    ),
    restrict(
      'src/features/*/**',
      '^\\.\\./[^.]|^\\.\\./\\.\\./app/',
      'A feature knows neither another feature nor the app; compose them in app/routes.',
    ),
  ],
})
