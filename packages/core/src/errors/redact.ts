/**
 * Takes signatures, keys and tokens out of a text. Applied to every error message, log line and audit record: S3 error
 * texts and client exceptions love to quote whole presigned URLs.
 *
 * Covers SigV4 and SigV2 query parameters (OpenTelemetry's semantic conventions name the same ones), POST policy fields,
 * `Authorization` headers, JWTs wherever they stand, and the `Aws_*` options of a DIRAC configuration.
 */
export function redact(text: string): string {
  return rules.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text);
}

/** Options of a CFG end with their line: a secret may hold quotes and commas. A JSON text around the line is kept. */
const option = /(aws_(?:write_)?(?:secret_access_key|session_token)\s*=\s*)(?:(?!\\?"\s*[,}\]])[^\r\n])+/gi;

/**
 * What stands before a parameter of a query, which may itself be quoted in XML ("&amp;"), JSON ("\u0026") or another query ("%26"). A file
 * name may hold "signature=" too, and must come through: nobody may hide what he was after.
 */
const inQuery = String.raw`(?<=^|[?&;]|%(?:25)*(?:3F|26)|\\u00(?:3f|26))`;
const amz = 'X-Amz-(?:Signature|Credential|Security-Token)';

const rules: readonly (readonly [RegExp, string])[] = [
  [
    new RegExp(
      String.raw`((?:${inQuery}(?:${amz}|Signature|AWSAccessKeyId)|(?<=[\s"'])${amz})(?:=|%(?:25)*3D))(?:(?!%(?:25)*26)[^&\s"'<>\\])*`,
      'gi',
    ),
    '$1REDACTED',
  ],
  // Fields of a form, in JSON and as the inspector of Node prints them; and headers.
  [/("(?:policy|signature)\\?"\s*:\s*\\?")[^"\\]*/gi, '$1REDACTED'],
  [/((?<![\w-])(?:policy|signature)\\?["']?\s*(?::|=>)\s*\\?(["']))[A-Za-z0-9+/=_-]{20,}(?=\\?\2)/gi, '$1REDACTED'],
  [
    /((?<=^|[\s"'{,([])(?:x-amz-(?:signature|credential|security-token)|AWSAccessKeyId)\\?["']?\s*(?::|=>)\s*\\?["']?)[^\s"'\\,}<>]+/gim,
    '$1REDACTED',
  ],
  // The user of a URL, and his password.
  [/(?<=:\/\/)[^\s/?#"'<>\\]+(?=@)/g, 'REDACTED'],
  [option, '$1REDACTED'],
  [
    /((?:aws_(?:write_)?(?:secret_access_key|session_token)|secretAccessKey|sessionToken)\\?["']?\s*[=:]\s*\\?(["']))(?:(?!\2)[^\r\n])*/gi,
    '$1REDACTED',
  ],
  [/((?:aws_(?:write_)?(?:secret_access_key|session_token)|secretAccessKey|sessionToken)["']?\s*[=:]\s*)[^\s"',}]+/gi, '$1REDACTED'],
  [/(authorization["']?\s*[:=]\s*["']?)[^\r\n"']+/gi, '$1REDACTED'],
  [/(Bearer\s+)[A-Za-z0-9._~+/=-]+/gi, '$1REDACTED'],
  // What a gateway sealed: whoever holds a link of its probe listener may ask the store for an object.
  [/\b(probe1|upload1)\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?/g, '$1.REDACTED'],
  // Looked for from the beginning of a word with two points behind it, so that no text, however long, is gone through twice.
  [/(?<![\w-])(?=[\w-]+\.[\w-]+\.)([\w-]*?)\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '$1REDACTED'],
];
