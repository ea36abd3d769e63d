import { DiracS3Error } from '@dirac-s3/core';
import { formatRemark, type ConfigRemark, type DiracConfiguration } from '@dirac-s3/core/config';

/** What a gateway needs beyond a correct configuration; each remark names the option that is missing. */
export function missingForGateway({ catalog, gateway, storageElements }: DiracConfiguration): ConfigRemark[] {
  const remarks: ConfigRemark[] = [];
  const miss = (path: string, message: string): unknown => remarks.push({ path, message, source: undefined });
  if (catalog === undefined || catalog.type === 'gateway') {
    miss('/Resources/FileCatalogs', 'the gateway needs a catalog: a section with CatalogType = FileCatalog, FileCatalogDB or Sqlite');
  }
  if (gateway.issuers.length === 0 && gateway.authentication.clientCertificates === undefined) {
    miss(
      '/Systems/DataManagement/Services/S3Gateway/Issuers',
      'no issuer of tokens is configured and no certificates are asked for (CertFile and KeyFile), so nobody could use the gateway',
    );
  }
  if (![...storageElements.values()].some(({ access }) => access === 'direct')) {
    miss('/Resources/StorageElements', 'no S3 StorageElement with Aws_access_key_id and Aws_secret_access_key is configured here');
  }
  return remarks;
}

/** All remarks in one refusal: an operator mends everything at once. */
export function configurationError(remarks: readonly ConfigRemark[]): DiracS3Error {
  return new DiracS3Error(
    'invalid-configuration',
    `the configuration is not usable:\n${remarks.map((remark) => `  ${formatRemark(remark)}`).join('\n')}`,
  );
}
