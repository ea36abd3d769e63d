import { text } from '../kinds.js';
import { option, type OptionTable } from './option.js';

/** `/Resources/IdProviders/<name>`, where DIRAC has its own. */
export const idProviderOptions = {
  issuer: option('issuer', text, {
    required: true,
    meaning: 'Issuer of tokens: an https URL with a `/.well-known/openid-configuration` below it.',
    example: 'https://iam.example.org/',
  }),
  clientId: option('client_id', text, {
    meaning: 'Name under which `dirac-s3 login` is known there: a public client that may use the device flow.',
    example: 'dirac-s3',
  }),
  scope: option('scope', text, {
    written: '`openid offline_access`',
    meaning: 'What is asked for, separated by blanks.',
    example: 'openid offline_access wlcg.groups',
  }),
} satisfies OptionTable;
