import { randomBytes } from 'node:crypto';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { adler32 } from '@dirac-s3/core';
import { elements } from '../../../../scripts/dirac/configuration.mjs';
import { given } from '../../../../scripts/dirac/facts.mjs';
import { cliProgram } from '../../../../scripts/world/world.mjs';
import { closeInstallations, install, type Installation } from './facts.js';

const element = elements.plain;
const home = '/demo/user/a/alice';
const theirs = `${home}/dirac/theirs.bin`;
const ours = `${home}/cli/ours.bin`;

interface Facts {
  readonly sizeBytes: number;
  readonly checksum: string;
  readonly guid: string;
  readonly owner: string;
  readonly ownerGroup: string;
  readonly mode: number;
}

describe("DIRAC's commands and ours on one File Catalog, through one gateway, on Ceph", () => {
  let installation: Installation;
  let folder: string;
  let list: string;
  const bytes = { theirs: randomBytes(100_000), ours: randomBytes(120_000) };

  beforeAll(async () => {
    installation = await install('9.0.27', { database: given().database });
    folder = join(installation.directory, 'files');
    await mkdir(folder);
    await writeFile(join(folder, 'theirs.bin'), bytes.theirs);
    await writeFile(join(folder, 'ours.bin'), bytes.ours);
    list = join(folder, 'lfns.txt');
    await writeFile(list, `${theirs}\n${ours}\n`);
  }, 180_000);
  afterAll(closeInstallations, 60_000);

  const dirac = (command: string, ...words: string[]) => installation.run('alice', [command, ...words]);
  const cli = async (...words: string[]) => {
    const { code, stdout, stderr } = await installation.cli('alice', [...words, '--json']);
    return { code, stderr, json: JSON.parse(stdout || '{}') as { successful: (Facts & { lfn: string })[]; failed: { message: string }[] } };
  };
  /** Ours, under DIRAC's name. */
  const short = async (name: string, ...words: string[]) => {
    const link = join(folder, name);
    await symlink(cliProgram, link).catch(() => undefined);
    return installation.cli('alice', words, link);
  };
  const silent = { code: 0, stdout: '', stderr: '' };
  const metaOf = async (lfn: string) => (await cli('meta', lfn)).json.successful[0];

  it('is known to our command line by the proxy', async () => {
    const { code, stdout } = await installation.cli('alice', ['whoami', '--json']);
    expect({ code, said: JSON.parse(stdout) as unknown }).toMatchObject({
      code: 0,
      said: {
        username: 'alice',
        group: 'demo_user',
        vo: 'demo',
        source: 'certificate',
        credential: { kind: 'grid proxy', proxyGroup: 'demo_user' },
      },
    });
  });

  it('takes a file of dirac-dms-add-file, and our command line finds all of it', async () => {
    const { stdout } = await dirac('dirac-dms-add-file', theirs, join(folder, 'theirs.bin'), element);
    expect(stdout).toContain('Successfully uploaded');
    expect(await metaOf(theirs)).toMatchObject({
      ...{ sizeBytes: bytes.theirs.length, checksum: adler32(bytes.theirs), owner: 'alice', ownerGroup: 'demo_user' },
    });
  });

  it('takes a file of dirac-s3 put, and dirac-dms-get-file reads it', async () => {
    expect(await cli('put', ours, join(folder, 'ours.bin'), element)).toMatchObject({ code: 0 });
    await dirac('dirac-dms-get-file', ours);
    expect((await readFile(join(installation.directory, 'ours.bin'))).equals(bytes.ours)).toBe(true);
  });

  it('gives our command line the bytes that DIRAC wrote', async () => {
    const into = join(folder, 'by-cli');
    await mkdir(into);
    expect(await cli('get', theirs, '--output-dir', into)).toMatchObject({ code: 0 });
    expect((await readFile(join(into, 'theirs.bin'))).equals(bytes.theirs)).toBe(true);
  });

  it('tells both the same replicas', async () => {
    const { stdout } = await dirac('dirac-dms-lfn-replicas', theirs, ours);
    const { json } = await cli('replicas', list);
    const pfns = JSON.stringify(json.successful).match(/s3:\/\/[^"\s]+/g) ?? [];
    expect(pfns.map((pfn) => new URL(pfn).pathname)).toEqual([theirs, ours].map((lfn) => `/${given().store.bucket}${lfn}`));
    for (const fact of [element, ...pfns]) expect(stdout).toContain(fact);
  });

  it('tells both the same metadata', async () => {
    const { stdout } = await dirac('dirac-dms-lfn-metadata', theirs, ours);
    for (const lfn of [theirs, ours]) {
      const { sizeBytes, checksum, guid, owner, ownerGroup } = (await metaOf(lfn))!;
      for (const fact of [String(sizeBytes), checksum, guid, owner, ownerGroup]) expect(stdout).toContain(fact);
    }
  });

  it('gives both a URL by which anybody reads', async () => {
    const { stdout } = await dirac('dirac-dms-lfn-accessURL', list, element, 'http');
    const { stdout: said } = await installation.cli('alice', ['url', list, element, '--json']);
    for (const text of [stdout, said]) {
      const urls = text.match(/https?:\/\/[^"'\s]+X-Amz-Signature[^"'\s]+/g) ?? [];
      const bodies = await Promise.all(urls.map(async (url) => Buffer.from(await (await fetch(url)).arrayBuffer())));
      expect(bodies.map((body) => adler32(body))).toEqual([adler32(bytes.theirs), adler32(bytes.ours)]);
    }
  });

  it('refuses the same bytes under another name, naming the one that has them, and takes them with another GUID', async () => {
    const again = `${home}/cli/again.bin`;
    const { code, stderr } = await cli('put', again, join(folder, 'theirs.bin'), element);
    expect(code).toBe(1);
    expect(stderr).toContain(theirs);
    expect(await cli('put', again, join(folder, 'theirs.bin'), element, 'new')).toMatchObject({ code: 0 });
    expect((await metaOf(again))?.guid).not.toBe((await metaOf(theirs))?.guid);
  });

  it('lets nobody else read or remove', async () => {
    for (const words of [
      ['get', theirs],
      ['rm', ours],
      ['meta', theirs],
    ]) {
      const { code, stderr } = await installation.cli('dave', words);
      expect([words, code, stderr]).toEqual([words, 1, expect.stringContaining('ermission denied')]);
    }
  });

  it('makes directories', async () => {
    expect(await cli('mkdir', `${home}/made`)).toMatchObject({ code: 0 });
  });

  it('tells both the same of a directory', async () => {
    const { stdout } = await dirac('dirac-dms-lfn-metadata', `${home}/made`);
    const { json } = await cli('meta', `${home}/made`);
    expect(json.successful).toMatchObject([{ type: 'directory', owner: 'alice', ownerGroup: 'demo_user', mode: 0o700 }]);
    for (const fact of ["'Mode': 448", "'Owner': 'alice'", "'OwnerGroup': 'demo_user'"]) expect(stdout).toContain(fact);
  });

  it('shows DIRAC what was changed of a mode, of whole directories too', async () => {
    expect(await short('dchmod', '0750', ours)).toEqual(silent);
    expect((await dirac('dirac-dms-lfn-metadata', ours)).stdout).toContain("'Mode': 488");
    expect(await short('dchmod', '-R', '0710', `${home}/cli`)).toEqual(silent);
    const { stdout } = await dirac('dirac-dms-lfn-metadata', ours, `${home}/cli`);
    expect(stdout.match(/'Mode': \d+/g)).toEqual(["'Mode': 456", "'Mode': 456"]);
  });

  it('lets users give nothing away, and nobody change what is not his', async () => {
    for (const [person, ...words] of [
      ['alice', 'chown', 'dave', ours],
      ['alice', 'chgrp', 'demo_admin', '-R', home],
      ['dave', 'chmod', '0777', ours],
      ['dave', 'chmod', '-R', '0777', home],
    ] as const) {
      const { code, stderr } = await installation.cli(person, [...words]);
      expect([words, code, stderr]).toEqual([words, 1, expect.stringContaining('ermission denied')]);
    }
    expect(await metaOf(ours)).toMatchObject({ owner: 'alice', ownerGroup: 'demo_user', mode: 0o710 });
  });

  it('removes empty directories, and no others', async () => {
    const full = await short('drmdir', `${home}/cli`);
    expect(full).toMatchObject({ code: 1, stderr: expect.stringContaining('non-empty directory (conflict)') });
    expect((await short('drmdir', `${home}/cli`, '--dirac-exit-codes')).code).toBe(0);
    expect(await short('drmdir', `${home}/made`)).toEqual(silent);
    expect((await short('drmdir', `${home}/made`)).stderr).toContain('No such file or directory');
    expect((await dirac('dirac-dms-lfn-metadata', `${home}/made`)).stdout).toMatch(/'Failed': \{'\/\S+made':/);
    expect(await cli('ls', `${home}/cli`)).toMatchObject({ code: 0 });
  });

  it('forgets what the other one removes', async () => {
    // It ends with 0 whatever comes of it.
    expect((await dirac('dirac-dms-remove-files', ours)).stdout).toContain('Successfully removed 1 files');
    expect(await cli('rm', theirs)).toMatchObject({ code: 0, stderr: '' });
    expect(await metaOf(ours)).toBeUndefined();
    const { stdout } = await dirac('dirac-dms-lfn-replicas', theirs);
    expect(stdout).toMatch(/No such file/i);
  });
});
