package auth

import (
	"errors"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// maxVerified bounds the memory that verified tokens may take.
const maxVerified = 10_000

// Tokens signs and verifies access tokens.
type Tokens struct {
	secret   []byte
	issuer   string
	lifetime time.Duration
	parser   *jwt.Parser

	// verified remembers tokens until they expire, since verifying one takes longer than most queries.
	mutex    sync.RWMutex
	verified map[string]verified
}

type verified struct {
	account uuid.UUID
	expires time.Time
}

// NewTokens returns the tokens of one service.
func NewTokens(secret []byte, issuer string, lifetime time.Duration) *Tokens {
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithIssuer(issuer),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(5*time.Second))
	return &Tokens{secret: secret, issuer: issuer, lifetime: lifetime, parser: parser, verified: map[string]verified{}}
}

// Sign returns a token of the account.
func (t *Tokens) Sign(account uuid.UUID) (string, error) {
	now := time.Now()
	return jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{
		Subject: account.String(), Issuer: t.issuer,
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(t.lifetime)),
	}).SignedString(t.secret)
}

// Verify returns the account of a token.
func (t *Tokens) Verify(token string) (uuid.UUID, error) {
	t.mutex.RLock()
	known := t.verified[token]
	t.mutex.RUnlock()
	if time.Now().Before(known.expires) {
		return known.account, nil
	}
	claims := jwt.MapClaims{} // jwt.RegisteredClaims would take times in strings
	parsed, err := t.parser.ParseWithClaims(token, claims, func(*jwt.Token) (any, error) { return t.secret, nil })
	if err != nil {
		return uuid.Nil, err
	}
	if _, critical := parsed.Header["crit"]; critical {
		return uuid.Nil, errors.New("the token wants extensions to be understood")
	}
	if claims["iat"] == nil {
		return uuid.Nil, errors.New("the token does not say when it was issued")
	}
	expires, err := claims.GetExpirationTime()
	if err != nil {
		return uuid.Nil, err
	}
	subject, _ := claims["sub"].(string)
	account, err := uuid.Parse(subject)
	if err != nil || account.String() != subject {
		return uuid.Nil, errors.New("the token names no account")
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if len(t.verified) >= maxVerified {
		clear(t.verified)
	}
	t.verified[token] = verified{account, expires.Time}
	return account, nil
}
