package conformance

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Attempts are counted per minute and container. Behind one trusted proxy, X-Forwarded-For gives every part of a check
// an address of its own, so that checks can share an instance.
var limitChecks = []check{
	{id: "limits.address", title: "AUTH_RATE_LIMIT register and login requests a minute and address; the next is 429 with Retry-After, before anything else is looked at.", needs: needsService, phase: sharing, run: limitPerAddress},
	{id: "limits.email_and_address", title: "Half as many failed logins per e-mail and address; then the right password is 429 as well.", needs: needsService, phase: sharing, run: limitPerEmailAndAddress},
	{id: "limits.email", title: "Ten times as many failed logins per e-mail, from whatever addresses.", needs: needsService, phase: sharing, run: limitPerEmail},
	{id: "limits.ipv6", title: "An IPv6 client is its /64.", needs: needsService, phase: sharing, run: limitPerNetwork},
	{id: "limits.trusted_proxies", title: "X-Forwarded-For counts only as far as TRUSTED_PROXIES says.", needs: needsService, phase: sharing, run: limitTrustedProxies},
	{id: "limits.retry_after", title: "After Retry-After seconds an attempt is let through again.", needs: needsService | needsSlow, run: limitRetryAfter},
}

// attempt logs in on an instance, as if from an address ("" for our own).
func (p *probe) attemptLogin(on *instance, from, email, password string) *answer {
	c := call{method: http.MethodPost, path: "/api/v1/auth/login", body: credentials(email, password), on: on, limited: true}
	if from != "" {
		c.header = map[string]string{"X-Forwarded-For": from}
	}
	return p.suite.send(p.ctx, c)
}

// tooMany expects 429 with Retry-After of at most a minute.
func (p *probe) tooMany(a *answer) bool {
	if !p.problem(a, http.StatusTooManyRequests) {
		return false
	}
	if wait, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || wait < 1 || wait > 60 {
		p.wrong(a, "Retry-After of 1 to 60 seconds, got %q", a.header.Get("Retry-After"))
		return false
	}
	return true
}

// exhaust makes attempts until one is 429, and expects that after a number of them. A bucket that refills while slow
// hashes are computed may let a few more through.
func (p *probe) exhaust(what string, wanted, more int, attempt func(n int) *answer) {
	var statuses []int
	for n := range wanted + more + 1 {
		a := attempt(n)
		if a.err != nil {
			p.wrong(a, "an answer")
			panic(ended{})
		}
		statuses = append(statuses, a.status)
		if a.status == http.StatusTooManyRequests {
			p.tooMany(a)
			if n < wanted {
				p.fail("%s: %s\nexpected %d attempts a minute\ngot 429 after %d (%s)", what, a.call, wanted, n, describe(statuses))
				panic(ended{})
			}
			return
		}
	}
	p.fail("%s\nexpected 429 after %d attempts a minute\ngot %s", what, wanted, describe(statuses))
	panic(ended{})
}

// limitSetting is AUTH_RATE_LIMIT where it is low. Half of it, and some more, is still less than all of it.
const limitSetting = 6

// lowestLimit is for what is counted tenfold.
const lowestLimit = 2

func limitPerAddress(p *probe) {
	on := p.among(behindProxy)
	send := func(from, path, body, media string) *answer {
		return p.suite.send(p.ctx, call{method: http.MethodPost, path: path, body: body, media: media, on: on, limited: true, header: map[string]string{"X-Forwarded-For": from}})
	}
	const login, register = "/api/v1/auth/login", "/api/v1/auth/register"
	first, second, third := p.newAddress(), p.newAddress(), p.newAddress()
	p.exhaust("logins with ever other addresses of e-mail", limitSetting, 2, func(int) *answer {
		return p.attemptLogin(on, first, p.newEmail(), p.newPassword())
	})
	p.exhaust("register and login, in turns", limitSetting, 2, func(n int) *answer {
		body := credentials(p.newEmail(), p.newPassword())
		if n%2 == 0 {
			return send(second, register, body, "")
		}
		return send(second, login, body, "")
	})
	// "Attempts (429, before any hashing), size and media type (413, 415), JSON (400), values (422)": what is refused
	// later was an attempt, and after the last one nothing else is looked at.
	p.exhaust("attempts with faulty bodies", limitSetting, 2, func(n int) *answer {
		return send(third, login, []string{"{", "[]", "{}"}[n%3], "")
	})
	for _, c := range [][2]string{{"{", ""}, {"{}", ""}, {"x", "text/plain"}, {credentials(p.newEmail(), p.newPassword()), ""}} {
		p.tooMany(send(third, login, c[0], c[1]))
		p.tooMany(send(third, register, c[0], c[1]))
	}
	p.status(send(p.newAddress(), login, credentials(p.newEmail(), p.newPassword()), ""), http.StatusUnauthorized)
	get := call{method: http.MethodGet, path: login, on: on, limited: true, header: map[string]string{"X-Forwarded-For": third}}
	p.status(p.suite.send(p.ctx, get), http.StatusMethodNotAllowed) // the method answers before the attempts
	me := call{method: http.MethodGet, path: "/api/v1/auth/me", on: on, limited: true, header: map[string]string{"X-Forwarded-For": third}}
	for range limitSetting + 3 { // only register and login are attempts
		p.status(p.suite.send(p.ctx, me), http.StatusUnauthorized)
	}
}

func limitPerEmailAndAddress(p *probe) {
	user := p.user(0)
	on := p.among(behindProxy)
	first, second, third := p.newAddress(), p.newAddress(), p.newAddress()
	p.exhaust("failed logins with one e-mail", limitSetting/2, 2, func(n int) *answer {
		email := user.email
		if n%2 == 1 { // it is the normal form that counts
			email = " " + strings.ToUpper(email)
		}
		return p.attemptLogin(on, first, email, p.newPassword())
	})
	p.tooMany(p.attemptLogin(on, first, user.email, user.password)) // else a guess would be told right
	other := p.attemptLogin(on, second, user.email, user.password)
	p.keepToken(other)
	p.status(other, http.StatusOK)
	for range limitSetting - 2 { // logins that succeed are no failed ones
		a := p.attemptLogin(on, second, user.email, user.password)
		p.keepToken(a)
		p.status(a, http.StatusOK)
	}
	unknown := p.newEmail() // an address that no one has is counted alike
	p.exhaust("failed logins with an unknown e-mail", limitSetting/2, 2, func(int) *answer {
		return p.attemptLogin(on, third, unknown, p.newPassword())
	})
}

func limitPerEmail(p *probe) {
	user := p.user(0)
	on := p.among(production)
	p.exhaust("failed logins with one e-mail, each from another address", 10*lowestLimit, 5, func(int) *answer {
		return p.attemptLogin(on, p.newAddress(), user.email, p.newPassword())
	})
	p.status(p.attemptLogin(on, p.newAddress(), p.newEmail(), p.newPassword()), http.StatusUnauthorized)
}

func limitPerNetwork(p *probe) {
	on := p.among(behindProxy)
	p.exhaust("logins from addresses of one /64", limitSetting, 2, func(n int) *answer {
		return p.attemptLogin(on, fmt.Sprintf("2001:db8:0:1:%x::%x", n, n+1), p.newEmail(), p.newPassword())
	})
	p.status(p.attemptLogin(on, "2001:db8:0:2::1", p.newEmail(), p.newPassword()), http.StatusUnauthorized)
}

func limitTrustedProxies(p *probe) {
	one, own := p.among(behindProxy), p.newAddress()
	p.exhaust("behind one proxy, with forged entries in front of its own", limitSetting, 2, func(n int) *answer {
		return p.attemptLogin(one, fmt.Sprintf("203.0.113.%d, %s", n+1, own), p.newEmail(), p.newPassword())
	})
	for _, nobody := range []string{",", ",,", " , "} {
		p.status(p.getOn(one, "/healthz", "X-Forwarded-For", nobody), http.StatusOK)
	}
	none := p.among(closed) // where no other check logs in: the address is our own
	p.exhaust("without a proxy, with X-Forwarded-For", limitSetting, 2, func(n int) *answer {
		return p.attemptLogin(none, fmt.Sprintf("203.0.113.%d", n+1), p.newEmail(), p.newPassword())
	})
}

func limitRetryAfter(p *probe) {
	on := p.further(settings{"AUTH_RATE_LIMIT": strconv.Itoa(lowestLimit)})
	for range 10 {
		a := p.attemptLogin(on, "", p.newEmail(), p.newPassword())
		if a.status == http.StatusTooManyRequests && p.tooMany(a) {
			wait, _ := strconv.Atoi(a.header.Get("Retry-After"))
			p.pause(time.Duration(wait)*time.Second + 300*time.Millisecond)
			p.status(p.attemptLogin(on, "", p.newEmail(), p.newPassword()), http.StatusUnauthorized)
			return
		}
	}
	p.fail("POST /api/v1/auth/login, ten times\nexpected 429")
}
