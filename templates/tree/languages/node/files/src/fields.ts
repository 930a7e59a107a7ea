import Type, { type Static, type TObject, type TProperties, type TSchema } from 'typebox';

// The types of fields. What JSON Schema cannot say of a string is its format: see formats.ts.
export const string = Type.String({ format: 'trimmed', minLength: 1, maxLength: 255 });
export const text = Type.String({ format: 'text', maxLength: 65535 });
export const integer = Type.Integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER });
export const float = Type.Number();
export const decimal = Type.String({ format: 'decimal' });
export const boolean = Type.Boolean();
export const date = Type.String({ format: 'date' });
export const datetime = Type.String({ format: 'date-time' });
export const uuid = Type.String({ format: 'uuid' });
export const oneOf = <const T extends string[]>(values: T) => Type.Unsafe<T[number]>({ type: 'string', enum: values });

/** A value or null. */
export const nullable = <T extends TSchema>(schema: T) => {
  const { type, enum: values } = schema as { type?: string; enum?: string[] };
  return Type.Unsafe<Static<T> | null>({ ...schema, type: [type, 'null'], ...(values && { enum: [...values, null] }) });
};

/** The id in a path. */
export const IdPath = Type.Object({ id: uuid });

/** A whole record, of the fields that a client writes. */
export const record = <T extends TProperties>(fields: TObject<T>) =>
  Type.Object({ id: uuid, ...fields.properties, created_at: datetime, updated_at: datetime });

/** The body of POST and PUT: what may be null becomes so when it is left out. */
export const whole = <T extends TProperties>(fields: TObject<T>) => {
  const properties: [string, TSchema & { type?: unknown }][] = Object.entries(fields.properties);
  const isNullable = (schema: { type?: unknown }) => Array.isArray(schema.type);
  return Type.Unsafe<Static<TObject<T>>>({
    type: 'object',
    required: properties.filter(([, schema]) => !isNullable(schema)).map(([name]) => name),
    properties: Object.fromEntries(properties.map(([name, schema]) => [name, isNullable(schema) ? { ...schema, default: null } : schema])),
  });
};

/** The body of PATCH: what is left out stays. */
export const part = <T extends TProperties>(fields: TObject<T>) =>
  Type.Unsafe<Partial<Static<TObject<T>>>>({ type: 'object', properties: fields.properties });
