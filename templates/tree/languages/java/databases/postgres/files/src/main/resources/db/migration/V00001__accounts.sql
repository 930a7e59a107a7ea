CREATE TABLE auth_account (
    id uuid PRIMARY KEY,
    email text NOT NULL UNIQUE,
    password_hash text NOT NULL,
    created_at timestamptz(3) NOT NULL
);
