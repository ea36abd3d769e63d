/** Uploads between two registrations: what is stored is soon known, even if this process dies. Small files are soon stored. */
const registeredAtOnce = { files: 64, smallFiles: 512, bytesOfSmallFiles: 256 * 1024 * 1024 };

/** Cuts uploads into those that are registered together, in their order. */
export function* registrationsOf<Item extends { readonly sizeBytes: number }>(uploads: readonly Item[]): Generator<Item[], void> {
  const { files, smallFiles, bytesOfSmallFiles } = registeredAtOnce;
  let open: Item[] = [];
  let bytes = 0;
  for (const upload of uploads) {
    if (open.length >= smallFiles || (open.length >= files && bytes + upload.sizeBytes > bytesOfSmallFiles)) {
      yield open;
      [open, bytes] = [[], 0];
    }
    open.push(upload);
    bytes += upload.sizeBytes;
  }
  if (open.length > 0) yield open;
}
