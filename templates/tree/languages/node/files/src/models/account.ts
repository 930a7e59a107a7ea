import Type, { type Static } from 'typebox';
import * as field from '../fields.ts';

export const AccountView = Type.Object({ id: field.uuid, email: Type.String(), created_at: field.datetime });

export interface Account extends Static<typeof AccountView> {
  password_hash: string;
}

export const Registration = Type.Object({
  email: Type.String({ format: 'email' }),
  password: Type.String({ format: 'text', minLength: 15, maxLength: 128 }),
});

export const Credentials = Type.Object({ email: field.text, password: field.text });

export const AccessToken = Type.Object({
  access_token: Type.String(),
  token_type: Type.String(),
  expires_in: Type.Integer(),
});
