package conformance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

var accountChecks = []check{
	{id: "accounts.register", title: "Register is 201 with exactly id, email and created_at; me answers the same.", run: registerAndMe},
	{id: "accounts.taken", title: "Registering an address twice, in whatever case or with spaces, is 409 and names email.", run: emailTaken},
	{id: "accounts.race", title: "Of several who register one address at once, exactly one gets 201, the others 409.", run: registerRace},
	{id: "accounts.email.normal_form", title: "An address is trimmed and lower-cased, at register and at login.", run: emailNormalForm},
	{id: "accounts.email.accepted", title: "Every address that the rule allows is taken, up to 254 characters.", run: emailsAccepted},
	{id: "accounts.email.refused", title: "Every address that the rule does not allow is 422 and names email.", run: emailsRefused},
	{id: "accounts.password.length", title: "A password has 15 to 128 code points.", run: passwordLengths},
	{id: "accounts.password.kept", title: "A password is kept as sent: every character of it counts at login.", run: passwordKept},
	{id: "accounts.password.types", title: "E-mail and password that are missing or no strings are 422.", run: credentialTypes},
	{id: "accounts.login.answer", title: "Login is 200 with exactly access_token, token_type Bearer and expires_in.", run: loginAnswer},
	{id: "accounts.login.no_length_rule", title: "The length rule is not applied at login: a short or very long password is 401.", run: loginLengths},
	{id: "accounts.login.alike", title: "An unknown e-mail and a wrong password answer alike in status, headers and body.", run: loginAlike},
	{id: "accounts.login.time", title: "An unknown e-mail and a wrong password take about the same time.", run: loginTime},
	{id: "accounts.unknown_fields", title: "Unknown fields in the bodies of register and login are ignored, also names in another case.", run: accountUnknownFields},
}

var accountMembers = []string{"created_at", "email", "id"}

func registerAndMe(p *probe) {
	user := p.user(0)
	a := p.get(user, "/api/v1/auth/me")
	if !p.status(a, http.StatusOK) {
		return
	}
	object := a.object()
	if !slices.Equal(sortedKeys(object), accountMembers) || object["email"] != user.email || object["id"] != user.id || user.id == "" ||
		!timestamps().MatchString(a.text("created_at")) || mediaType(a.header) != "application/json" {
		p.wrong(a, "exactly id, email %s and created_at as 2026-11-20T10:23:00.000Z", user.email)
	}
	registered := answer{body: []byte(user.answer)}
	if !slices.Equal(sortedKeys(registered.object()), accountMembers) || registered.text("id") != user.id ||
		registered.text("email") != user.email || registered.text("created_at") != a.text("created_at") {
		p.fail("POST /api/v1/auth/register\nexpected what GET /api/v1/auth/me answers: %s\ngot %s", shown(string(a.body), 300), shown(user.answer, 300))
	}
	if away := time.Since(moment(object["created_at"])).Abs(); away > time.Hour {
		p.wrong(a, "created_at to be now, in UTC")
	}
}

func emailTaken(p *probe) {
	user := p.user(0)
	for _, email := range []string{user.email, strings.ToUpper(user.email), " \t" + user.email + "\r\n"} {
		p.names(p.register(email, p.newPassword()), http.StatusConflict, "email")
	}
}

func registerRace(p *probe) {
	email := p.newEmail()
	var calls []call
	for range 6 {
		calls = append(calls, call{method: http.MethodPost, path: "/api/v1/auth/register", body: credentials(email, p.newPassword()), limited: true})
	}
	p.onlyOne(p.together(calls), http.StatusCreated)
}

// onlyOne expects one success and conflicts.
func (p *probe) onlyOne(answers []*answer, success int) {
	var statuses []int
	won := 0
	for _, a := range answers {
		statuses = append(statuses, a.status)
		if a.err == nil && a.status == http.StatusTooManyRequests {
			p.skip("the service's AUTH_RATE_LIMIT is used up (429)")
		}
		if a.err == nil && a.status == success {
			won++
			continue
		}
		p.problem(a, http.StatusConflict)
	}
	if won != 1 {
		p.fail("%s, %d times at once\nexpected %d exactly once, and 409\ngot %s", answers[0].call, len(answers), success, describe(statuses))
	}
}

func emailNormalForm(p *probe) {
	email, password := p.newEmail(), p.newPassword()
	a := p.register(" \t\r\n"+strings.ToUpper(email)+"\n ", password)
	if !p.status(a, http.StatusCreated) {
		return
	}
	if a.text("email") != email {
		p.wrong(a, "the address as %s", email)
	}
	for _, form := range []string{email, strings.ToUpper(email), "  " + email + "\t"} {
		p.status(p.login(form, password), http.StatusOK)
	}
}

// longEmail is an address of a length, with labels that DNS would allow.
func (p *probe) longEmail(length int) string {
	email := fmt.Sprintf("%s%d@", strings.ToLower(p.salt), p.next())
	for length-len(email) > 60 {
		email += strings.Repeat("d", 30) + "."
	}
	return email + strings.Repeat("d", length-len(email)-3) + ".ee"
}

func emailsAccepted(p *probe) {
	unique := fmt.Sprintf("%s%d", strings.ToLower(p.salt), p.next())
	for _, email := range []string{
		unique + ".!#$%&'*+/=?^_{|}~-@example.com", "." + unique + ".@example.com", unique + "..a@a-b.c0.example", unique + "@1.2", "-" + unique + "@-.-",
		unique + "@a.b.c.d.e.f", unique + "@xn--bcher-kva.example", p.longEmail(254),
	} {
		p.keepPrivate("an e-mail address", email)
		a := p.register(email, p.newPassword())
		if p.status(a, http.StatusCreated) && a.text("email") != email {
			p.wrong(a, "the address as it was sent")
		}
	}
}

func emailsRefused(p *probe) {
	for _, email := range []string{
		"", " ", "a", "@", "a@b", "a@b.", "a@.c", "@b.co", "a@b..co", "a@@b.co", "a@b@c.co", "a b@c.co", "a@b c.co", "a@b.co d@e.co", "a\n@b.co", "a@b\n.co",
		"ä@b.co", "a@bücher.de", "a@b_c.de", "a`b@c.co", `"a b"@c.co`, "a(b)@c.co", "a,b@c.co", "a;b@c.co", "a<b@c.co", `a\b@c.co`, "a:b@c.co", "a@[127.0.0.1]",
		"a@b.c!", "a＠b.co", "a@b。co", "a@٣.co", "a\u0000@b.co", "a@b.co\u0000", "a\u200b@b.co", "\u2003a@b.co", "\u0130a@b.co", "\u212aa@b.co", "Name <a@b.co>", "mailto:a@b.co", p.longEmail(255),
		strings.Repeat("a", 10_000) + "@b.co",
	} {
		p.names(p.register(email, p.newPassword()), http.StatusUnprocessableEntity, "email")
	}
}

func passwordLengths(p *probe) {
	for _, character := range []string{"a", "é", "😀", "\u0301"} {
		for _, length := range []int{0, 14, 129, 1000} {
			a := p.register(p.newEmail(), strings.Repeat(character, length))
			p.names(a, http.StatusUnprocessableEntity, "password")
		}
	}
	for _, character := range []string{"é", "😀"} {
		for _, length := range []int{15, 128} {
			p.status(p.register(p.newEmail(), strings.Repeat(character, length)), http.StatusCreated)
		}
	}
	p.names(p.register(p.newEmail(), "fifteen and \u0000 more characters"), http.StatusUnprocessableEntity, "password")
}

func passwordKept(p *probe) {
	email := p.newEmail()
	password := "  Caf\u00e9 " + randomText(100) + " end " // longer than the 72 bytes that bcrypt reads
	if !p.status(p.register(email, password), http.StatusCreated) {
		return
	}
	p.keepPrivate("a password", password)
	for _, almost := range []string{
		strings.TrimSpace(password), strings.TrimRight(password, " "), strings.ToLower(password), strings.ReplaceAll(password, "é", "e\u0301"),
		password + " ", strings.TrimSuffix(password, "nd ") + "xd ",
	} {
		p.problem(p.login(email, almost), http.StatusUnauthorized)
	}
	p.status(p.login(email, password), http.StatusOK)
}

func credentialTypes(p *probe) {
	email, password := quote(p.newEmail()), quote(p.newPassword())
	for _, path := range []string{"/api/v1/auth/register", "/api/v1/auth/login"} {
		p.problem(p.post(nil, path, `{}`), http.StatusUnprocessableEntity)
		p.names(p.post(nil, path, `{"password":`+password+`}`), http.StatusUnprocessableEntity, "email")
		p.names(p.post(nil, path, `{"email":`+email+`}`), http.StatusUnprocessableEntity, "password")
		for _, wrong := range []string{"null", "5", "123456789012345", "true", "[]", `["a"]`, "{}", `{"$ne":null}`} {
			p.names(p.post(nil, path, `{"email":`+wrong+`,"password":`+password+`}`), http.StatusUnprocessableEntity, "email")
			p.names(p.post(nil, path, `{"email":`+email+`,"password":`+wrong+`}`), http.StatusUnprocessableEntity, "password")
		}
	}
}

func loginAnswer(p *probe) {
	user := p.user(0)
	a := p.login(user.email, user.password)
	if !p.status(a, http.StatusOK) {
		return
	}
	object := a.object()
	lifetime, _ := object["expires_in"].(json.Number)
	if !slices.Equal(sortedKeys(object), []string{"access_token", "expires_in", "token_type"}) || object["token_type"] != "Bearer" ||
		!positive().MatchString(lifetime.String()) || mediaType(a.header) != "application/json" {
		p.wrong(a, "exactly access_token, token_type Bearer and expires_in, a number")
		return
	}
	if p.service != nil && lifetime != "3600" {
		p.wrong(a, "expires_in 3600, the default of ACCESS_TOKEN_TTL")
	}
	p.status(p.send(call{method: http.MethodGet, path: "/api/v1/auth/me", token: a.text("access_token")}), http.StatusOK)
}

func loginLengths(p *probe) {
	user := p.user(0)
	for _, password := range []string{"x", "short", strings.Repeat("x", 129), strings.Repeat("long ", 4000)} {
		p.problem(p.login(user.email, password), http.StatusUnauthorized)
		p.problem(p.login(p.newEmail(), password), http.StatusUnauthorized)
	}
}

func loginAlike(p *probe) {
	user := p.user(0)
	wrong, unknown := p.login(user.email, p.newPassword()), p.login(p.newEmail(), p.newPassword())
	if !p.problem(wrong, http.StatusUnauthorized) || !p.problem(unknown, http.StatusUnauthorized) {
		return
	}
	if a, b := steady(wrong), steady(unknown); a != b {
		p.wrong(unknown, "the same as for a wrong password: %s", shown(a, 400))
	}
}

var varying = lazyRegexp(`(?i)^(date|x-request-id|content-length|connection|keep-alive|age|x-ratelimit.*|ratelimit.*)$`)

// steady is what two answers that tell nothing apart have in common: no time, no id of a request.
func steady(a *answer) string {
	object := a.object()
	for _, name := range []string{"instance", "request_id", "trace_id"} {
		delete(object, name)
	}
	var text strings.Builder
	fmt.Fprint(&text, a.status, " ", object)
	for _, name := range sortedKeys(a.header) {
		if !varying().MatchString(name) {
			fmt.Fprint(&text, " ", name, ": ", a.header[name])
		}
	}
	return text.String()
}

// loginTime compares the two kinds of failure, taken in turns so that other load meets both alike. Only what shows in
// the fastest answers and in the middle ones, three times in a row, is a difference.
func loginTime(p *probe) {
	if p.service == nil && p.secret == "" {
		p.skip("too many logins for the AUTH_RATE_LIMIT of a service that the suite did not start")
	}
	user := p.user(0)
	var found string
	for range 3 {
		var wrong, unknown []time.Duration
		for started := time.Now(); len(wrong) < 5 || len(wrong) < 15 && time.Since(started) < 2*time.Second; {
			a, b := p.login(user.email, p.newPassword()), p.login(p.newEmail(), p.newPassword())
			p.must(a, http.StatusUnauthorized)
			p.must(b, http.StatusUnauthorized)
			wrong, unknown = append(wrong, a.took), append(unknown, b.took)
		}
		slices.Sort(wrong)
		slices.Sort(unknown)
		middle := len(wrong) / 2
		if !apart(wrong[0], unknown[0]) || !apart(wrong[middle], unknown[middle]) {
			return
		}
		found = fmt.Sprintf("wrong password %s (median; fastest %s), unknown e-mail %s (fastest %s)",
			wrong[middle].Round(time.Millisecond/10), wrong[0].Round(time.Millisecond/10),
			unknown[middle].Round(time.Millisecond/10), unknown[0].Round(time.Millisecond/10))
	}
	p.fail("POST /api/v1/auth/login, in turns\nexpected about the same time\ngot %s", found)
}

// apart tells whether two times differ by more than half and by more than chance would explain.
func apart(a, b time.Duration) bool {
	return (a-b).Abs() > 3*time.Millisecond && float64(max(a, b)) > 1.6*float64(min(a, b))
}

func accountUnknownFields(p *probe) {
	email, password := p.newEmail(), p.newPassword()
	extra := `,"id":"x","created_at":5,"is_admin":true,"role":"admin","Email":"other@example.com","PASSWORD":5,"":null,"__proto__":{"a":1},"constructor":{}}`
	body := strings.TrimSuffix(credentials(email, password), "}") + extra
	a := p.post(nil, "/api/v1/auth/register", body)
	if p.status(a, http.StatusCreated) {
		if !slices.Equal(sortedKeys(a.object()), accountMembers) || a.text("email") != email || a.text("id") == "x" {
			p.wrong(a, "an account of %s with exactly id, email and created_at", email)
		}
		login := p.post(nil, "/api/v1/auth/login", body)
		p.keepToken(login)
		p.status(login, http.StatusOK)
	}
	p.names(p.post(nil, "/api/v1/auth/register", `{"Email":`+quote(p.newEmail())+`,"password":`+quote(password)+`}`), http.StatusUnprocessableEntity, "email")
}
