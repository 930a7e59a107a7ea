package generator

import (
	"crypto/rand"
	"strings"
)

// secretPattern is what secretPlace writes.
var secretPattern = lazyRegexp("\x00[^\x00\x01]+\x01*\x00")

// A vault draws each secret once, so that a password and the URL that holds it agree.
type vault map[string]string

// fill puts secrets into their places.
func (v vault) fill(content []byte) []byte {
	return secretPattern().ReplaceAllFunc(content, func(place []byte) []byte {
		name := strings.Trim(string(place), "\x00\x01")
		if v[name] == "" {
			v[name] = (rand.Text() + rand.Text())[:SecretLength]
		}
		return []byte(v[name])
	})
}
