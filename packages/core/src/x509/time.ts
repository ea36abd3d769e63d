import { Malformed, tag, type DerReader } from './der.js';

const forms = new Map<number, RegExp>([
  [tag.utcTime, /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/],
  [tag.generalizedTime, /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/],
]);

/**
 * RFC 5280 4.1.2.5 (certificates) and 5.1.2.4 (revocation lists): UTCTime `YYMMDDhhmmssZ` for 1950 to 2049, GeneralizedTime
 * `YYYYMMDDhhmmssZ` from 2050 on; in UTC, with seconds, without fractions. Dates that no calendar has are refused.
 */
export function readTime(reader: DerReader, what: string): Date {
  const element = reader.next();
  const match = forms.get(element.tag)?.exec(element.content.toString('latin1'));
  if (!match) throw new Malformed(`${what} is not a time as RFC 5280 writes it`);
  const [written = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  const short = element.tag === tag.utcTime;
  const year = short ? written + (written < 50 ? 2000 : 1900) : written;
  if (!short && year < 2050) throw new Malformed(`${what} is a GeneralizedTime before 2050`);
  const time = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  const parts = [time.getUTCMonth() + 1, time.getUTCDate(), time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()];
  if (parts.join() !== [month, day, hour, minute, second].join()) throw new Malformed(`${what} is a time that does not exist`);
  return time;
}
