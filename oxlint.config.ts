import { defineConfig } from 'oxlint'

export default defineConfig({
  plugins: ['typescript', 'unicorn', 'oxc', 'import', 'node', 'vitest', 'react', 'jsx-a11y'],
  categories: { correctness: 'error', suspicious: 'error' },
  env: { node: true, es2024: true },
  ignorePatterns: ['**/dist/**', 'backend/migrations/**', '.ci/counterparts/**'],
  rules: {
    'typescript/no-floating-promises': 'error',
    'typescript/switch-exhaustiveness-check': [
      'error',
      { considerDefaultExhaustiveForUnions: true },
    ],
    'typescript/no-explicit-any': 'error',
    'typescript/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
    'import/no-cycle': ['error', { ignoreTypes: false }],
    'import/no-default-export': 'error',
    'node/no-process-env': 'error',
    'no-console': 'error',
    'react/react-in-jsx-scope': 'off',
    'no-unused-vars': [
      'error',
      { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
    ],
    'vitest/expect-expect': ['error', { assertFunctionNames: ['expect', 'expect*', 'fc.assert'] }],
    'no-underscore-dangle': 'off',
    // The exhaustive switch is the return; the compiler sees what this rule does not.
    'typescript/consistent-return': 'off',
    // Casts are rare and live in named places with their guarantee; see docs/development.md.
    'typescript/no-unsafe-type-assertion': 'off',
    // Our types write methods in the short form, and our objects use no `this`.
    'typescript/unbound-method': 'off',
    'import/no-named-as-default-member': 'off',
    // vi.waitFor takes expectations as its condition, in hooks too.
    'vitest/no-standalone-expect': 'off',
    // A small function beside its one caller reads better than one far below it.
    'unicorn/consistent-function-scoping': 'off',
    // CSS files are imported for their effect.
    'import/no-unassigned-import': 'off',
  },
  overrides: [
    {
      files: ['**/*.config.ts', 'test-names.ts'],
      rules: { 'import/no-default-export': 'off' },
    },
    {
      files: [
        '*.ts',
        'mutants/*.ts',
        'demo/src/main.ts',
        'bench/src/**',
        '**/*.test.ts',
        '**/test/**',
        '**/*.config.ts',
      ],
      rules: { 'node/no-process-env': 'off' },
    },
    {
      files: ['*.ts', 'mutants/*.ts', 'demo/src/main.ts', 'bench/src/main.ts'],
      rules: { 'no-console': 'off' },
    },
  ],
})
