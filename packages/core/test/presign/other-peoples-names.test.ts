import { describe, expect, test } from '@jest/globals';
import { parseLfn, s3MethodNames, s3Methods, type PresignItem, type S3Method } from '../../src/domain/index.js';
import { createPresignUrls } from '../../src/presign/index.js';
import { identityOf } from '../../src/testing/index.js';
import { withCatalog } from '../adapters/catalog/sqlite/temporary-catalog.js';
import { alice, command, createWorld } from './world.js';

/** The use case over the real catalog and rules: bob's home is closed to alice, whatever she asks of the names in it. */
const home = '/vo/user/b/bob';
const seen = parseLfn(`${home}/seen.bin`);
const trash = parseLfn(`${home}/trash.bin`);
const names = { 'his home': home, 'a directory of his': `${home}/runs`, 'his file': seen, 'his file in the trash': trash };

/** Of an upload in parts the catalog decides when it begins: as of create_multipart_upload, which nobody gets a URL for. */
const changing = s3MethodNames.filter(
  (method) => s3Methods[method].access !== 'read' && !s3Methods[method].needsUploadId && method !== 'create_multipart_upload',
);
const itemOf = (method: S3Method, lfn: string): PresignItem => (s3Methods[method].copies ? { lfn, sourceStorageElement: 'SE' } : { lfn });

const managers = ['VOMSSecurityManager', 'FullSecurityManager', 'DirectorySecurityManager', 'DirectorySecurityManagerWithDelete'] as const;

describe.each(managers)('under %s', (securityManager) => {
  test.each(Object.entries(names))('another user can change nothing at %s', async (_, lfn) => {
    await withCatalog(
      async (catalog) => {
        const bob = identityOf('bob', { group: 'guests' });
        await catalog.administration.createDirectories([
          { path: '/vo/user', owner: 'carol', group: 'admins', mode: 0o755 },
          { path: '/vo/user/b', owner: 'carol', group: 'admins', mode: 0o755 },
          { path: home, owner: 'bob', group: 'guests', mode: 0o700 },
          { path: `${home}/runs`, owner: 'bob', group: 'guests', mode: 0o700 },
        ]);
        const file = { sizeBytes: 1, checksum: '00620062', storageElement: 'OTHER', pfn: 's3://other/bucket' };
        const { failed } = await catalog.catalogFor(bob).addFiles([
          { ...file, lfn: seen, guid: '5EB63BBB-E01E-EED0-93CB-22BB8F5ACDC3' },
          { ...file, lfn: trash, guid: '5EB63BBB-E01E-EED0-93CB-22BB8F5ACDC4' },
        ]);
        expect(failed.size).toBe(0);
        await catalog.administration.setFileStatus(trash, 'Trash');

        const world = createWorld();
        const presignUrls = createPresignUrls({ ...world, permissions: catalog, replicas: catalog });
        for (const method of changing) {
          const hers = await presignUrls(command(method, [itemOf(method, lfn)], { identity: alice }));
          expect([method, hers.failed.get(lfn)?.code]).toEqual([method, 'permission-denied']);
        }
        expect(world.signed).toEqual([]);

        // The owner may add a replica of what is seen, and is told why of the rest.
        const his = await presignUrls(command('put_object', [lfn], { identity: bob }));
        expect(his.successful.has(lfn)).toBe(lfn === seen);
        if (lfn !== seen) expect(['file-exists', 'permission-denied']).toContain(his.failed.get(lfn)?.code);
        if (lfn === trash) expect(his.failed.get(lfn)?.code).toBe('file-exists');
      },
      { rules: { securityManager, defaultMode: 0o755 } },
    );
  });
});
