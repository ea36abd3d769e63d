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

const rules: readonly (readonly [RegExp, string])[] = [
  [/([?&"'](?:X-Amz-Signature|X-Amz-Credential|X-Amz-Security-Token|Signature|AWSAccessKeyId)=)[^&\s"'<>]*/gi, '$1REDACTED'],
  [/("(?:x-amz-signature|x-amz-credential|x-amz-security-token|policy|signature|AWSAccessKeyId)"\s*:\s*")[^"]*/gi, '$1REDACTED'],
  [
    /((?:aws_secret_access_key|aws_session_token|aws_write_secret_access_key|secretAccessKey|sessionToken)["']?\s*[=:]\s*["']?)[^\s"',}]+/gi,
    '$1REDACTED',
  ],
  [/(authorization["']?\s*[:=]\s*["']?)[^\r\n"']+/gi, '$1REDACTED'],
  [/(Bearer\s+)[A-Za-z0-9._~+/=-]+/gi, '$1REDACTED'],
  [/(Signature=)[0-9a-f]{64}/gi, '$1REDACTED'],
  [/\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g, 'REDACTED'],
];
