import type { TObject } from 'typebox';

/** A record as MySQL takes it, whose times have neither T nor Z. */
export function toRow<T extends object>(schema: TObject, record: T): T {
  const isTime = (name: string) => (schema.properties[name] as { format?: string } | undefined)?.format === 'date-time';
  const toValue = (name: string, value: unknown) =>
    typeof value === 'string' && isTime(name) ? value.slice(0, -1).replace('T', ' ') : value;
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, toValue(name, value)])) as T;
}
