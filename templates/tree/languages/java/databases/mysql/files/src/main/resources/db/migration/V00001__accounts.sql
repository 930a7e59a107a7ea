CREATE TABLE auth_account (
    id CHAR(36) PRIMARY KEY,
    email VARCHAR(255) NOT NULL,
    password_hash VARCHAR(255) NOT NULL,
    created_at DATETIME(3) NOT NULL,
    UNIQUE KEY unique_email (email)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
