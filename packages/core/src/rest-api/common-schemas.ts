import { z } from 'zod';
import { errorTable, type ErrorCode } from '../errors/index.js';

/** What the bodies have in common. */

export const text = (max: number): z.ZodString => z.string().min(1).max(max);

/** Checked by `parseLfn` inside the use case, so that one bad name fails alone, however long; the limit of the body bounds them all. */
export const lfnSchema = z.string().meta({ id: 'Lfn', description: 'Logical file name', example: '/vo/user/a/alice/data.bin' });
export const storageElementName = text(255).meta({ description: 'Name of the StorageElement', example: 'CERN-S3' });
export const checksumSchema = z
  .string()
  .regex(/^[0-9a-f]{8}$/)
  .meta({ description: 'Adler-32: eight lower-case hexadecimal digits', example: '0a1b2c3d' });
export const sizeBytes = z.int().min(0).meta({ description: 'Size in bytes' });
export const instant = z.iso.datetime().meta({ description: 'Instant in UTC (ISO 8601)', example: '2026-11-24T12:00:00.000Z' });

export const failureSchema = z
  .strictObject({
    lfn: lfnSchema,
    code: z.enum(Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]]).meta({ description: 'Stable error code' }),
    errno: z.int().meta({ description: 'The errno DIRAC uses for it' }),
    message: z.string(),
  })
  .meta({ id: 'Failure', description: 'Why one LFN failed' });

/** The answer to a question about many LFNs: each is in exactly one of the lists, in the order asked. */
export const bulkAnswer = <Entry extends z.ZodType>(entry: Entry, id: string) =>
  z.strictObject({ successful: z.array(entry), failed: z.array(failureSchema) }).meta({ id });
