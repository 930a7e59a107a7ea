// Package auth hashes passwords and signs tokens.
package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The parameters are those that OWASP recommends; each hash holds the ones it was made with.
const (
	memory     = 19456
	passes     = 2
	threads    = 1
	saltLength = 16
	keyLength  = 32
)

// running bounds the hashes that run at once, each of which takes 19 MiB.
var running = make(chan struct{}, runtime.GOMAXPROCS(0))

// unknown is compared with the password of an account that does not exist, so that the answer takes as long.
var unknown = format(make([]byte, saltLength), make([]byte, keyLength), memory, passes, threads)

// HashPassword returns the hash to store.
func HashPassword(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltLength)
	_, _ = rand.Read(salt) // never fails
	key, err := derive(ctx, password, salt, memory, passes, threads)
	return format(salt, key, memory, passes, threads), err
}

// VerifyPassword tells whether the password belongs to the hash; an empty hash takes as long and belongs to none.
func VerifyPassword(ctx context.Context, password, hash string) (bool, error) {
	known := hash != ""
	if !known {
		hash = unknown
	}
	var memory, passes uint32
	var threads uint8
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, errors.New("a stored password hash is malformed")
	}
	_, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &threads)
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	want, keyErr := base64.RawStdEncoding.DecodeString(parts[5])
	if err := errors.Join(err, saltErr, keyErr); err != nil {
		return false, fmt.Errorf("a stored password hash is malformed: %w", err)
	}
	key, err := derive(ctx, password, salt, memory, passes, threads)
	return known && err == nil && subtle.ConstantTimeCompare(key, want) == 1, err
}

func derive(ctx context.Context, password string, salt []byte, memory, passes uint32, threads uint8) ([]byte, error) {
	select {
	case running <- struct{}{}:
		defer func() { <-running }()
		return argon2.IDKey([]byte(password), salt, passes, memory, threads, keyLength), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func format(salt, key []byte, memory, passes uint32, threads uint8) string {
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, threads, encode(salt), encode(key))
}
