package conformance

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash"
	"net/http"
	"strconv"
	"strings"
	"time"
)

var tokenChecks = []check{
	{id: "tokens.claims", title: "A token is a JWT with HS256, sub, iat, exp as far off as expires_in, and the project's name as iss.", run: tokenClaims},
	{id: "tokens.malformed", title: "A token that is malformed, cut, changed or sent in another way is 401.", run: tokensMalformed},
	{id: "tokens.forged", title: "A token with another key's signature is 401.", run: tokensForged},
	{id: "tokens.signature", title: "The signature is HMAC-SHA256 with the UTF-8 bytes of JWT_SECRET.", needs: needsSecret, run: tokenSignature},
	{id: "tokens.algorithms", title: "A token with alg none, HS384, HS512 or RS256 is 401, even when signed with the right key.", needs: needsSecret, run: tokenAlgorithms},
	{id: "tokens.expired", title: "An expired token is 401, with 60 s of leeway at most.", needs: needsSecret, run: tokenExpired},
	{id: "tokens.expires_in_use", title: "A token that was accepted is refused once it has expired.", needs: needsSecret, run: tokenExpiresInUse},
	{id: "tokens.issuer", title: "A token whose iss is another or missing is 401.", needs: needsSecret, run: tokenIssuer},
	{id: "tokens.missing_claims", title: "A token without sub, iat, exp or iss, with ones that the service never makes, or with crit, is 401; an aud is ignored.", needs: needsSecret, run: tokenMissingClaims},
	{id: "tokens.no_account", title: "A token of an account that no longer exists is 401 at me, makes no record, and is nowhere a 5xx.", needs: needsSecret, run: tokenNoAccount},
}

type claims map[string]any

// with is a copy with one claim changed; nil takes it out.
func (c claims) with(name string, value any) claims {
	changed := claims{}
	for key, kept := range c {
		if key != name {
			changed[key] = kept
		}
	}
	if value != nil {
		changed[name] = value
	}
	return changed
}

var base64URL = base64.RawURLEncoding

// sign makes a token.
func sign(algorithm, secret string, c claims) string {
	return signWith(map[string]any{"alg": algorithm, "typ": "JWT"}, secret, c)
}

// signWith makes a token with a header of any kind.
func signWith(head map[string]any, secret string, c claims) string {
	algorithm := fmt.Sprint(head["alg"])
	header, _ := json.Marshal(head)
	payload, _ := json.Marshal(c)
	text := base64URL.EncodeToString(header) + "." + base64URL.EncodeToString(payload)
	var method func() hash.Hash
	switch algorithm {
	case "HS384":
		method = sha512.New384
	case "HS512":
		method = sha512.New
	case "none", "None", "NONE":
		return text + "."
	default:
		method = sha256.New
	}
	mac := hmac.New(method, []byte(secret))
	mac.Write([]byte(text))
	return text + "." + base64URL.EncodeToString(mac.Sum(nil))
}

// claimsOf reads a token of the service.
func (p *probe) claimsOf(token string) (header map[string]any, c claims) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		p.fatal("token %s\nexpected three parts", shown(token, 80))
	}
	read := func(part string) map[string]any {
		bytes, err := base64URL.DecodeString(part)
		if err != nil {
			p.fatal("token %s\nexpected base64url without padding", shown(token, 80))
		}
		value, err := decode(bytes)
		object, _ := value.(map[string]any)
		if err != nil || object == nil {
			p.fatal("token %s\nexpected JSON objects, got %s", shown(token, 80), shown(string(bytes), 200))
		}
		return object
	}
	return read(parts[0]), read(parts[1])
}

func number(value any) float64 {
	n, _ := value.(json.Number)
	f, _ := strconv.ParseFloat(n.String(), 64)
	return f
}

func tokenClaims(p *probe) {
	user := p.user(0)
	a := p.login(user.email, user.password)
	if !p.status(a, http.StatusOK) {
		return
	}
	header, c := p.claimsOf(a.text("access_token"))
	if header["alg"] != "HS256" {
		p.fail("token header\nexpected alg HS256\ngot %s", shown(fmt.Sprint(header), 200))
	}
	if sub, _ := c["sub"].(string); sub == "" {
		p.fail("token\nexpected sub, a string\ngot %s", shown(fmt.Sprint(c), 300))
	}
	now, issued, expires := float64(time.Now().Unix()), number(c["iat"]), number(c["exp"])
	if issued < now-300 || issued > now+300 || expires-issued != number(a.object()["expires_in"]) {
		p.fail("token\nexpected iat now and exp expires_in later\ngot %s", shown(fmt.Sprint(c), 300))
	}
	if p.target.Name == "" {
		p.note("iss was not compared, as the project's name is not known")
	} else if c["iss"] != p.target.Name {
		p.fail("token\nexpected iss %s\ngot %s", p.target.Name, shown(fmt.Sprint(c["iss"]), 100))
	}
}

// refused expects 401 for a token, at me and at a resource.
func (p *probe) refused(what, token string) {
	calls := []call{{method: http.MethodGet, path: "/api/v1/auth/me", token: token}}
	if len(p.resources) > 0 {
		calls = append(calls, call{method: http.MethodGet, path: p.resources[0].path, token: token})
	}
	for _, c := range calls {
		if a := p.send(c); a.err != nil || a.status != http.StatusUnauthorized {
			p.wrong(a, "401 for a token %s", what)
			return
		}
	}
}

func tokensMalformed(p *probe) {
	token := p.user(0).token
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		p.fatal("token %s\nexpected three parts", shown(token, 80))
	}
	other := p.user(1).token
	for _, wrong := range []string{
		"x", ".", "..", "a.b.c", token + ".x", token[:len(token)-2], parts[0] + "." + parts[1], parts[0] + "." + parts[1] + ".",
		parts[0] + ".." + parts[2], "." + parts[1] + "." + parts[2], parts[0] + "." + strings.Split(other, ".")[1] + "." + parts[2],
		"{}", "null", strings.Repeat("a", 3000), strings.Repeat(".", 200), parts[0] + "." + parts[1] + ".%00", "é" + token, token + "é",
	} {
		p.refused("that is malformed", wrong)
	}
	for _, value := range []string{"", "Bearer", "Bearer ", "Basic " + token, "Token " + token, token, "Bearer " + token + " x", "Basic dXNlcjpwYXNz", "Bearer: " + token} {
		a := p.send(call{method: http.MethodGet, path: "/api/v1/auth/me", header: map[string]string{"Authorization": value}})
		p.problem(a, http.StatusUnauthorized)
	}
	a := p.send(call{method: http.MethodGet, path: "/api/v1/auth/me?access_token=" + token + "&token=" + token})
	p.problem(a, http.StatusUnauthorized)
	p.status(p.get(p.user(0), "/api/v1/auth/me"), http.StatusOK)
}

func tokensForged(p *probe) {
	_, c := p.claimsOf(p.user(0).token)
	for _, key := range []string{"", "secret", strings.Repeat("x", 32), p.secret + "x"} {
		p.refused("signed with another key", sign("HS256", key, c))
	}
	for _, algorithm := range []string{"none", "None", "NONE"} {
		p.refused("with alg "+algorithm, sign(algorithm, "", c))
	}
}

// control expects a token that the suite signs rightly to be taken; without it, refusals would prove nothing.
func (p *probe) control() claims {
	_, c := p.claimsOf(p.user(0).token)
	a := p.send(call{method: http.MethodGet, path: "/api/v1/auth/me", token: sign("HS256", p.secret, c)})
	p.must(a, http.StatusOK)
	return c
}

func tokenSignature(p *probe) {
	p.control()
	token := p.user(0).token
	text := token[:strings.LastIndexByte(token, '.')]
	mac := hmac.New(sha256.New, []byte(p.secret))
	mac.Write([]byte(text))
	if text+"."+base64URL.EncodeToString(mac.Sum(nil)) != token {
		p.fail("a token of the service\nexpected the signature to be HMAC-SHA256 with JWT_SECRET")
	}
}

func tokenAlgorithms(p *probe) {
	c := p.control()
	for _, algorithm := range []string{"none", "None", "HS384", "HS512", "RS256", "hs256", ""} {
		token := sign(algorithm, p.secret, c)
		p.refused("with alg "+algorithm, token)
		if strings.HasSuffix(token, ".") { // none, and yet with a signature
			p.refused("with alg "+algorithm+" and a signature", token+strings.Split(p.user(0).token, ".")[2])
		}
	}
}

func tokenExpired(p *probe) {
	c := p.control()
	now := time.Now().Unix()
	for _, ago := range []int64{65, 300, 86_400} {
		p.refused(fmt.Sprintf("expired %d s ago", ago), sign("HS256", p.secret, c.with("iat", now-ago-3600).with("exp", now-ago)))
	}
}

// The token at the end of the service's leeway, whatever that is, expires in some seconds, and not only for those
// who never saw it.
func tokenExpiresInUse(p *probe) {
	c := p.control()
	now := time.Now().Unix()
	accepted := ""
	for ago := int64(-1); ago < 60; ago++ {
		token := sign("HS256", p.secret, c.with("iat", now-3600).with("exp", now-ago))
		a := p.send(call{method: http.MethodGet, path: "/api/v1/auth/me", token: token})
		if a.err != nil || a.status != http.StatusOK {
			break
		}
		accepted = token
	}
	if accepted == "" {
		p.fail("a token that expires in a second\nexpected it to be accepted\ngot a refusal")
		return
	}
	p.pause(3 * time.Second)
	p.refused("that expired after it was accepted", accepted)
}

func tokenIssuer(p *probe) {
	c := p.control()
	issuer := fmt.Sprint(c["iss"])
	for _, wrong := range []any{nil, "", "another", issuer + "x", strings.ToUpper(issuer) + "-", []string{"another"}, 5} {
		p.refused(fmt.Sprintf("with iss %v", wrong), sign("HS256", p.secret, c.with("iss", wrong)))
	}
}

func tokenMissingClaims(p *probe) {
	c := p.control()
	null := json.RawMessage("null")
	for _, name := range []string{"sub", "iat", "exp", "iss"} {
		p.refused("without "+name, sign("HS256", p.secret, c.with(name, nil)))
		p.refused("with "+name+" null", sign("HS256", p.secret, c.with(name, null)))
	}
	for _, wrong := range []struct {
		name  string
		value any
	}{
		{"sub", ""},
		{"sub", 5},
		{"sub", true},
		{"sub", []string{"x"}},
		{"sub", map[string]any{}},
		{"exp", true},
		{"exp", "never"},
		{"exp", fmt.Sprint(c["exp"])},
		{"iat", "x"},
		{"iat", time.Now().Unix() + 1000},
		{"sub", "urn:uuid:" + fmt.Sprint(c["sub"])},
		{"sub", fmt.Sprint(c["sub"]) + "\n"},
	} {
		p.refused(fmt.Sprintf("with %s %#v", wrong.name, wrong.value), sign("HS256", p.secret, c.with(wrong.name, wrong.value)))
	}
	// RFC 7515, 4.1.11: what the recipient does not understand must be refused.
	p.refused("with crit", signWith(map[string]any{"alg": "HS256", "crit": []string{"x"}, "x": 1}, p.secret, c))
	p.must(p.send(call{method: http.MethodGet, path: "/api/v1/auth/me", token: sign("HS256", p.secret, c.with("aud", "others"))}), http.StatusOK)
}

func tokenNoAccount(p *probe) {
	c := p.control()
	for _, sub := range []string{unknownID, "x", "1", "9223372036854775807", "a\u0000b", "😀", strings.Repeat("x", 1000), "' OR '1'='1", "{}", "*"} {
		token := sign("HS256", p.secret, c.with("sub", sub))
		p.problem(p.send(call{method: http.MethodGet, path: "/api/v1/auth/me", token: token}), http.StatusUnauthorized)
		for _, r := range p.resources {
			for _, c := range []call{{method: http.MethodGet, path: r.path}, {method: http.MethodPost, path: r.path, body: p.values(r).json()}} {
				c.token = token
				a := p.send(c)
				if sub == unknownID && c.method == http.MethodPost {
					p.problem(a, http.StatusUnauthorized)
				} else if a.err != nil || a.status >= 500 {
					p.wrong(a, "no status of 500 or more")
				}
			}
		}
	}
}
