package auth

import (
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// Tokens signs and verifies access tokens.
type Tokens struct {
	secret   []byte
	issuer   string
	lifetime time.Duration
	parser   *jwt.Parser
}

// NewTokens returns the tokens of one service.
func NewTokens(secret []byte, issuer string, lifetime time.Duration) *Tokens {
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithIssuer(issuer),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(5*time.Second))
	return &Tokens{secret: secret, issuer: issuer, lifetime: lifetime, parser: parser}
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
	var claims jwt.RegisteredClaims
	if _, err := t.parser.ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) { return t.secret, nil }); err != nil {
		return uuid.Nil, err
	}
	if claims.IssuedAt == nil {
		return uuid.Nil, errors.New("the token does not say when it was issued")
	}
	return uuid.Parse(claims.Subject)
}
