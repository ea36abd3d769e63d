// @ts-check
import tseslint from 'typescript-eslint';

const environment = {
  object: 'process',
  property: 'env',
  message: 'The environment is read in config and the composition roots only: a setting read elsewhere is in no reference.',
};
const time = [
  { object: 'Date', property: 'now', message: 'Take the time from the Clock port.' },
  { object: 'performance', property: 'now', message: 'Take the time as an argument.' },
  { object: 'Math', property: 'random', message: 'Take randomness as an argument.' },
];
const chance = { name: 'node:crypto', importNames: ['randomUUID', 'randomBytes', 'randomInt'], message: 'Take randomness as an argument.' };
/**
 * Entrances for library users, who need not bring a clock or a die: each is an option with a default, given here and handed inward. And GUIDs,
 * which are chance and nothing else.
 */
const givesDefaults = [
  'packages/core/src/storage/s3-tools.ts',
  'packages/core/src/storage/file-storage-element.ts',
  'packages/core/src/data-management/data-manager.ts',
  'packages/core/src/storage/object-heads.ts',
  'packages/core/src/adapters/gateway/rest-client.ts',
  'packages/core/src/adapters/configuration-service/configuration-service.ts',
  'packages/core/src/dirac-protocol/dirac-service.ts',
  'packages/core/src/data-management/guid.ts',
];
const surface = [
  { selector: 'ExportDefaultDeclaration', message: 'Named exports only: a name that can be searched for.' },
  { selector: 'ExportAllDeclaration', message: 'No "export *": the public surface is a list on purpose.' },
];
const present = { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: 'Take the time from the Clock port.' };

/** Rules beyond the strict presets say why; formatting is prettier's business alone. */
export default tseslint.config(
  { ignores: ['**/dist/**', '**/build/**', '**/node_modules/**', '.cache/**', '**/vectors/**'] },
  {
    files: ['packages/*/src/**/*.ts', 'packages/*/test/**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['packages/core/tsconfig.test.json', 'packages/gateway/tsconfig.test.json', 'packages/cli/tsconfig.test.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      // Leaving one field out of a copy names it without using it.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // Index access on byte arrays inside proven bounds is the point of a checksum loop.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'no-restricted-syntax': ['error', ...surface],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 5],
      eqeqeq: 'error',
    },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    ignores: ['packages/*/src/main.ts', 'packages/cli/src/output/**', 'packages/core/src/testing/development-store/main.ts'],
    rules: { 'no-console': 'error' },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    ignores: ['packages/*/src/main.ts', 'packages/*/src/compose*.ts', 'packages/*/src/environment.ts', 'packages/core/src/config/**'],
    rules: { 'no-restricted-properties': ['error', environment] },
  },
  {
    // Time and chance come in as arguments, or tests cannot own them.
    files: ['packages/core/src/**/*.ts'],
    ignores: ['packages/core/src/testing/**', 'packages/core/src/config/**', ...givesDefaults],
    rules: { 'no-restricted-properties': ['error', environment, ...time] },
  },
  {
    files: ['packages/core/src/config/**/*.ts'],
    rules: { 'no-restricted-properties': ['error', ...time] },
  },
  {
    files: ['packages/core/src/**/*.ts'],
    ignores: ['packages/core/src/testing/**', ...givesDefaults],
    rules: { 'no-restricted-syntax': ['error', ...surface, present], 'no-restricted-imports': ['error', { paths: [chance] }] },
  },
  {
    files: ['packages/*/test/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      // Tests spread and print what nobody should, to see that it gives nothing away.
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
);
