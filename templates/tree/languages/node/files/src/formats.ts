/** What a format makes of a string: the one form in which it is kept, or undefined where it is no such thing. */
export interface Format {
  read(text: string): string | undefined;
  message: string;
}

export const formats: Record<string, Format> = {
  text: { read: plain, message: 'must not contain U+0000 or half of a surrogate pair' },
  trimmed: { read: (text) => plain(trim(text)), message: 'must not contain U+0000 or half of a surrogate pair' },
  decimal: { read: decimal, message: 'must be a number such as "12.50", of up to 10 digits and 2 after the point' },
  date: { read: date, message: 'must be a day as YYYY-MM-DD' },
  'date-time': { read: datetime, message: 'must be a time such as 2026-11-20T10:23:00Z' },
  uuid: { read: uuid, message: 'must be a UUID' },
  email: { read: email, message: 'must be an e-mail address' },
};

function plain(text: string): string | undefined {
  return text.includes('\0') || !text.isWellFormed() ? undefined : text;
}

/** Takes off space, tab, CR and LF. A regular expression would take quadratic time on long runs of space. */
export function trim(text: string): string {
  const space = ' \t\r\n';
  let start = 0;
  let end = text.length;
  while (start < end && space.includes(text.charAt(start))) {
    start++;
  }
  while (end > start && space.includes(text.charAt(end - 1))) {
    end--;
  }
  return text.slice(start, end);
}

function decimal(text: string): string | undefined {
  const match = /^(-?)([0-9]{1,10})(?:\.([0-9]{1,2}))?$/.exec(text);
  if (!match) {
    return undefined;
  }
  const [, sign, whole, fraction = ''] = match;
  const number = `${Number(whole)}.${fraction.padEnd(2, '0')}`;
  return number === '0.00' ? number : `${sign}${number}`;
}

function date(text: string): string | undefined {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) || text < '0001') {
    return undefined;
  }
  const day = new Date(`${text}T00:00:00Z`); // may have rolled over into the next month
  return !Number.isNaN(day.valueOf()) && day.toISOString().startsWith(text) ? text : undefined;
}

/** The moment in UTC, cut to milliseconds. */
function datetime(text: string): string | undefined {
  const match = /^(.{10})T((?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])(\.[0-9]{1,9})?(Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$/.exec(text);
  const [, day = '', time, fraction = '.', offset] = match ?? [];
  // Year 0 is a day here, since an offset may lead from it into the year 1.
  if (!match || (date(day) === undefined && date(day.replace(/^0000/, '0004')) === undefined)) {
    return undefined;
  }
  const moment = new Date(`${day}T${time}${fraction.slice(0, 4).padEnd(4, '0')}${offset}`).toISOString();
  return /^(?!0000)[0-9]{4}-/.test(moment) ? moment : undefined;
}

function uuid(text: string): string | undefined {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? text.toLowerCase() : undefined;
}

/** An address in the one form in which it is kept. Only A to Z become small: the Kelvin sign would become a `k` otherwise. */
export function normalEmail(text: string): string {
  return trim(text).replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function email(text: string): string | undefined {
  const address = normalEmail(text);
  return address.length <= 254 && /^[a-z0-9.!#$%&'*+/=?^_{|}~-]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(address) ? address : undefined;
}
