package conformance

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
)

var environmentChecks = []check{
	{id: "environment.production", title: "In production /metrics (without METRICS_TOKEN), /docs and /openapi.json are 404.", needs: needsService, phase: sharing, run: productionDefaults},
	{id: "environment.metrics_token", title: "With METRICS_TOKEN, /metrics is 401 without it and 200 with it; API_DOCS=true serves the description in production.", needs: needsService, phase: sharing, run: metricsToken},
	{id: "environment.api_docs", title: "With API_DOCS=false, /docs and /openapi.json are 404.", needs: needsService, phase: sharing, run: docsOff},
	{id: "environment.token_lifetime", title: "ACCESS_TOKEN_TTL is how long a token lives.", needs: needsService, phase: sharing, run: tokenLifetime},
	{id: "environment.secret_bytes", title: "JWT_SECRET is measured in UTF-8 bytes and used as such.", needs: needsService, run: secretBytes},
	{id: "environment.cors_default", title: "Without CORS_ORIGINS no origin is allowed.", needs: needsService, phase: sharing, run: corsDefault},
	{id: "environment.interfaces", title: "The service listens on all interfaces.", needs: needsService, run: allInterfaces},
}

// Settings under which checks share an instance. What one of them needs changes nothing that the others look at. A check
// of lifecycle ends each of them, whatever its settings.
var (
	behindProxy = settings{"TRUSTED_PROXIES": "1", "AUTH_RATE_LIMIT": strconv.Itoa(limitSetting)}
	production  = settings{"APP_ENV": "production", "TRUSTED_PROXIES": "1", "AUTH_RATE_LIMIT": strconv.Itoa(lowestLimit)}
	closed      = settings{"API_DOCS": "false", "CORS_ORIGINS": unset, "TRUSTED_PROXIES": unset, "AUTH_RATE_LIMIT": strconv.Itoa(limitSetting)}
	watched     = settings{"APP_ENV": "production", "METRICS_TOKEN": metricsSecret, "API_DOCS": "true", "ACCESS_TOKEN_TTL": "120"}
	quiet       = settings{} // where nothing happens beside one check
)

const metricsSecret = "metrics-aFvT4wYkGm8sXq2ZrB7nHdLc"

func (p *probe) getOn(on *instance, path string, header ...string) *answer {
	c := call{method: http.MethodGet, path: path, on: on, header: map[string]string{}}
	for i := 0; i+1 < len(header); i += 2 {
		c.header[header[i]] = header[i+1]
	}
	return p.send(c)
}

func productionDefaults(p *probe) {
	on := p.among(production)
	for _, path := range []string{"/metrics", "/docs", "/openapi.json"} {
		p.problem(p.getOn(on, path), http.StatusNotFound)
	}
	p.status(p.getOn(on, "/healthz"), http.StatusOK)
	p.status(p.send(call{method: http.MethodGet, path: "/api/v1/auth/me", as: p.user(0), on: on}), http.StatusOK)
}

func metricsToken(p *probe) {
	token := metricsSecret
	p.keepPrivate("METRICS_TOKEN", token)
	on := p.among(watched)
	for _, value := range []string{"", "Bearer", "Bearer x", "Bearer " + token + "x", "Bearer " + token[:len(token)-1], "Basic " + token, token, "Bearer " + p.user(0).token} {
		a := p.getOn(on, "/metrics", "Authorization", value)
		p.problem(a, http.StatusUnauthorized)
		if !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Bearer") {
			p.wrong(a, "WWW-Authenticate: Bearer")
		}
	}
	p.status(p.getOn(on, "/metrics", "Authorization", "Bearer "+token), http.StatusOK)
	p.status(p.getOn(on, "/openapi.json"), http.StatusOK)
	p.status(p.getOn(on, "/docs"), http.StatusOK, http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect)
}

func docsOff(p *probe) {
	on := p.among(closed)
	p.problem(p.getOn(on, "/docs"), http.StatusNotFound)
	p.problem(p.getOn(on, "/openapi.json"), http.StatusNotFound)
	p.status(p.getOn(on, "/metrics"), http.StatusOK) // open outside production
}

func tokenLifetime(p *probe) {
	user := p.user(0)
	a := p.attemptLogin(p.among(watched), "", user.email, user.password)
	p.keepToken(a)
	p.must(a, http.StatusOK)
	_, c := p.claimsOf(a.text("access_token"))
	if fmt.Sprint(a.object()["expires_in"]) != "120" || number(c["exp"])-number(c["iat"]) != 120 {
		p.wrong(a, "expires_in 120 and exp 120 s after iat, got %v and %v", c["exp"], c["iat"])
	}
}

func secretBytes(p *probe) {
	user := p.user(0)
	secret := strings.Repeat("é", 16) // 32 bytes of 16 characters
	on := p.further(settings{"JWT_SECRET": secret})
	a := p.attemptLogin(on, "", user.email, user.password)
	p.keepToken(a)
	p.must(a, http.StatusOK)
	header, c := p.claimsOf(a.text("access_token"))
	me := call{method: http.MethodGet, path: "/api/v1/auth/me", on: on, token: sign(fmt.Sprint(header["alg"]), secret, c)}
	p.status(p.send(me), http.StatusOK)
	me.token = user.token
	p.status(p.send(me), http.StatusUnauthorized)
}

func corsDefault(p *probe) {
	on := p.among(closed)
	for _, c := range []call{
		{method: http.MethodOptions, path: "/api/v1/auth/me", header: map[string]string{"Origin": allowedOrigin, "Access-Control-Request-Method": "GET"}},
		{method: http.MethodGet, path: "/api/v1/auth/me", as: p.user(0), header: map[string]string{"Origin": allowedOrigin}},
	} {
		c.on = on
		if a := p.send(c); a.header.Get("Access-Control-Allow-Origin") != "" || a.err != nil {
			p.wrong(a, "no Access-Control-Allow-Origin")
		}
	}
}

func allInterfaces(p *probe) {
	addresses, _ := net.InterfaceAddrs()
	for _, address := range addresses {
		network, ok := address.(*net.IPNet)
		if !ok || network.IP.IsLoopback() || network.IP.To4() == nil {
			continue
		}
		elsewhere := &instance{base: fmt.Sprintf("http://%s:%d", network.IP, p.main.port)}
		p.status(p.send(call{method: http.MethodGet, path: "/healthz", on: elsewhere}), http.StatusOK)
		return
	}
	// The whole of 127/8 is this machine on Linux, and a service on 127.0.0.1 alone does not answer there.
	if p.sendQuietly(p.ctx, &instance{base: fmt.Sprintf("http://127.0.0.2:%d", p.main.port)}, "/healthz") != http.StatusOK {
		p.skip("this machine has no address but the loopback's")
	}
}
