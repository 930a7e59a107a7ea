import { Ajv, type KeywordDefinition } from 'ajv';
import type { FastifySchemaCompiler } from 'fastify';
import { formats } from './formats.ts';

/** Takes the place of Ajv's own keyword: it also brings a string into the form in which it is kept. */
const format: KeywordDefinition = {
  keyword: 'format',
  type: 'string',
  schemaType: 'string',
  before: 'maxLength',
  modifying: true,
  error: { message: ({ schema }) => formats[schema]?.message ?? 'has an unknown format' },
  validate: (name: string, text: string, _schema, context) => {
    const value = formats[name]?.read(text);
    if (context && value !== undefined) {
      context.parentData[context.parentDataProperty] = value;
    }
    return value !== undefined;
  },
};

/** Types are strict: "5" is no integer. A name such as `constructor` is a property only where it was sent. */
const ajv = new Ajv({
  allErrors: true,
  coerceTypes: false,
  ownProperties: true,
  removeAdditional: 'all',
  strict: false,
  strictNumbers: true,
  useDefaults: true,
  validateSchema: false,
});
ajv.removeKeyword('format').addKeyword(format);

interface Schema {
  properties?: Record<string, { type?: unknown }>;
}

export const validatorCompiler: FastifySchemaCompiler<Schema> = ({ schema, httpPart }) => {
  const validate = ajv.compile(schema);
  if (httpPart !== 'querystring') {
    return validate;
  }
  return (query) => validate(withIntegers(query, schema)) || { error: validate.errors ?? [] };
};

/** A query is text: an integer is one that is written as such. */
function withIntegers(query: Record<string, unknown>, { properties = {} }: Schema) {
  for (const [name, { type }] of Object.entries(properties)) {
    const text = query[name];
    if (type === 'integer' && typeof text === 'string' && /^(0|-?[1-9][0-9]*)$/.test(text)) {
      query[name] = Number(text);
    }
  }
  return query;
}
