//go:build linux || darwin

package conformance

import (
	"net"
	"slices"
	"strings"
	"testing"
)

// faults are what the fake can do wrong and the check that must find it. A check that has never failed proves nothing.
var faults = []struct {
	fault, check string
	service      bool // only seen in a process that the suite starts
}{
	{fault: "5xx on NUL", check: "robustness.paths"},
	{fault: "missing nosniff", check: "security.headers"},
	{fault: "missing nosniff on 404", check: "security.headers"},
	{fault: "answers may be stored", check: "security.headers"},
	{fault: "version in Server", check: "security.disclosure"},
	{fault: "any request id echoed", check: "request_id.replaced"},
	{fault: "request id ignored", check: "request_id.echoed"},
	{fault: "no WWW-Authenticate", check: "security.headers"},
	{fault: "problems as plain JSON", check: "errors.unknown_route"},
	{fault: "wrong method is 404", check: "errors.methods"},
	{fault: "any media type", check: "errors.media_type"},
	{fault: "JSON before media type", check: "errors.order.media_type"},
	{fault: "body before token", check: "errors.order.token"},
	{fault: "no limit on size", check: "errors.too_large"},
	{fault: "not UTF-8 taken", check: "errors.malformed"},
	{fault: "docs from elsewhere", check: "operations.docs"},
	{fault: "path as http_route", check: "metrics.route"},
	{fault: "summary for a histogram", check: "metrics.histogram"},
	{fault: "half of the requests counted", check: "metrics.counts"},
	{fault: "e-mail with its case", check: "accounts.email.normal_form"},
	{fault: "e-mail with its case", check: "accounts.taken"},
	{fault: "loose rule for e-mail", check: "accounts.email.refused"},
	{fault: "password measured in bytes", check: "accounts.password.length"},
	{fault: "password trimmed", check: "accounts.password.kept"},
	{fault: "72 bytes of the password", check: "accounts.password.kept"},
	{fault: "length rule at login", check: "accounts.login.no_length_rule"},
	{fault: "no hash for an unknown e-mail", check: "accounts.login.time"},
	{fault: "unknown e-mail told", check: "accounts.login.alike"},
	{fault: "signature not checked", check: "tokens.forged"},
	{fault: "alg none accepted", check: "tokens.algorithms"},
	{fault: "alg none accepted", check: "tokens.forged"},
	{fault: "HS512 accepted", check: "tokens.algorithms"},
	{fault: "expired token accepted", check: "tokens.expired"},
	{fault: "token verified once only", check: "tokens.expires_in_use"},
	{fault: "any issuer accepted", check: "tokens.issuer"},
	{fault: "token without exp accepted", check: "tokens.missing_claims"},
	{fault: "UTF-16 units counted", check: "fields.string.accepted"},
	{fault: "UTF-16 units counted", check: "fields.text.accepted"},
	{fault: "all white space trimmed", check: "fields.string.accepted"},
	{fault: "NUL taken", check: "fields.string.refused"},
	{fault: `"5" is an integer`, check: "fields.integer.refused"},
	{fault: "float of single precision", check: "fields.float.accepted"},
	{fault: "minus zero", check: "fields.decimal.accepted"},
	{fault: "30 February", check: "fields.date.refused"},
	{fault: "datetime rounded", check: "fields.datetime.accepted"},
	{fault: "required may be missing", check: "fields.required"},
	{fault: "unknown fields stored", check: "bodies.unknown_fields"},
	{fault: "names compared without case", check: "bodies.case"},
	{fault: "id from the body", check: "bodies.service_fields"},
	{fault: "no Location", check: "resources.create"},
	{fault: "updated_at stays", check: "resources.times"},
	{fault: "PUT like PATCH", check: "resources.put.replaces"},
	{fault: "PUT creates", check: "resources.put.never_creates"},
	{fault: "PATCH rewrites all fields", check: "resources.patch.concurrent"},
	{fault: "null is kept on PATCH", check: "resources.patch.null"},
	{fault: "DELETE always 204", check: "resources.delete"},
	{fault: "oldest first", check: "resources.paging.order"},
	{fault: "limit cut to 100", check: "resources.paging.limit"},
	{fault: "forged cursor ignored", check: "resources.paging.forged"},
	{fault: "cursor without a seal", check: "resources.paging.tampered"},
	{fault: "cursor by offset", check: "resources.paging.stable"},
	{fault: "next_cursor on a full last page", check: "resources.paging.pages"},
	{fault: "unique without case", check: "resources.unique.exact"},
	{fault: "unique across users", check: "resources.unique.per_user"},
	{fault: "unique by look-up first", check: "resources.unique.race"},
	{fault: "null collides", check: "resources.unique.null"},
	{fault: "records of others shown", check: "resources.ownership"},
	{fault: "every origin allowed", check: "cors.denied"},
	{fault: "route not described", check: "openapi.routes"},
	{fault: "description of an older record", check: "openapi.records"},
	{fault: "plain rule for e-mail", check: "accounts.email.accepted"},
	{fault: "password may be a number", check: "accounts.password.types"},
	{fault: "unknown fields refused", check: "accounts.unknown_fields"},
	{fault: "hash shown", check: "accounts.register"},
	{fault: "e-mail by look-up first", check: "accounts.race"},
	{fault: "another issuer", check: "tokens.claims"},
	{fault: "expires_in as text", check: "accounts.login.answer"},
	{fault: "key in base64", check: "tokens.signature"},
	{fault: "token without Bearer", check: "tokens.malformed"},
	{fault: "404 without an account", check: "tokens.no_account"},
	{fault: "null must be sent", check: "fields.optional"},
	{fault: "another field named", check: "fields.required"},
	{fault: "faults beside others kept quiet", check: "resources.patch.atomic"},
	{fault: "UUIDv4", check: "resources.id"},
	{fault: "values made text", check: "fields.text.refused"},
	{fault: "almost right forms taken", check: "fields.decimal.refused"},
	{fault: "almost right forms taken", check: "fields.datetime.refused"},
	{fault: "almost right forms taken", check: "fields.uuid.refused"},
	{fault: "almost right forms taken", check: "fields.enum.refused"},
	{fault: "almost right forms taken", check: "fields.boolean.refused"},
	{fault: "integers of 32 bits", check: "fields.integer.accepted"},
	{fault: "no date before 1000", check: "fields.date.accepted"},
	{fault: "uuid with its case", check: "fields.uuid.accepted"},
	{fault: "last enum value refused", check: "fields.enum.accepted"},
	{fault: "false is missing", check: "fields.boolean.accepted"},
	{fault: "anything up to infinity", check: "fields.float.refused"},
	{fault: "anything up to infinity", check: "fields.text.refused"},
	{fault: "surrogates lost", check: "fields.surrogates"},
	{fault: "a poor description", check: "openapi.document"},
	{fault: "a poor description", check: "openapi.parameters"},
	{fault: "a poor description", check: "openapi.security"},
	{fault: "a poor description", check: "openapi.errors"},
	{fault: "a poor description", check: "openapi.bodies"},
	{fault: "HEAD unknown", check: "operations.head"},
	{fault: "HEAD is a wrong method", check: "operations.head"},
	{fault: "encoded path needs no token", check: "errors.encoded_path"},
	{fault: "encoded path may be stored", check: "errors.encoded_path"},
	{fault: "400 for an encoded id", check: "errors.malformed_id"},
	{fault: "unknown method is 404", check: "errors.methods"},
	{fault: "OPTIONS everywhere", check: "errors.methods"},
	{fault: "media type without a body", check: "errors.media_type"},
	{fault: "e-mail in any lower case", check: "accounts.email.refused"},
	{fault: "any sub accepted", check: "tokens.missing_claims"},
	{fault: "shallow JSON", check: "bodies.unknown_fields"},
	{fault: "crit ignored", check: "tokens.missing_claims"},
	{fault: "token of tomorrow accepted", check: "tokens.missing_claims"},
	{fault: "aud refused", check: "tokens.missing_claims"},
	{fault: "records of nobody", check: "tokens.no_account"},
	{fault: "limit read loosely", check: "resources.paging.limit"},
	{fault: "unknown parameter refused", check: "resources.paging.limit"},
	{fault: "limit described as text", check: "openapi.parameters"},
	{fault: "5xx on Accept-Language", check: "robustness.headers"},
	{fault: "5xx on a nameless field", check: "robustness.fuzz"},
	{fault: "slow on long texts", check: "robustness.long"},
	{fault: "text cut", check: "robustness.long"},

	{fault: "preflight needs a token", check: "cors.preflight", service: true},
	{fault: "nothing exposed", check: "cors.exposed", service: true},
	{fault: "media type before attempts", check: "limits.address", service: true},
	{fault: "429 without Retry-After", check: "limits.address", service: true},
	{fault: "failed logins not counted", check: "limits.email_and_address", service: true},
	{fault: "failed logins not counted", check: "limits.email", service: true},
	{fault: "IPv6 by the address", check: "limits.ipv6", service: true},
	{fault: "first X-Forwarded-For believed", check: "limits.trusted_proxies", service: true},
	{fault: "first X-Forwarded-For believed", check: "logs.client", service: true},
	{fault: "query in the log", check: "logs.request", service: true},
	{fault: "no login events", check: "logs.login", service: true},
	{fault: "5xx on an empty X-Forwarded-For", check: "limits.trusted_proxies", service: true},
	{fault: "secret in the fault", check: "configuration.jwt_secret", service: true},
	{fault: "no .env", check: "configuration.dotenv", service: true},
	{fault: "exit 2 for a port", check: "configuration.port_in_use", service: true},
	{fault: "signal ends at once", check: "lifecycle.in_flight", service: true},
	{fault: "exit 1 on a signal", check: "lifecycle.idle", service: true},
	{fault: "second signal ends", check: "lifecycle.second_signal", service: true},
	{fault: "503 without a timeout", check: "database.silence", service: true},
	{fault: "no trace_id", check: "logs.trace", service: true},
	{fault: "500 without a database", check: "database.outage", service: true},
	{fault: "secret measured in characters", check: "environment.secret_bytes", service: true},
	{fault: "settings ignored", check: "environment.production", service: true},
	{fault: "settings ignored", check: "environment.metrics_token", service: true},
	{fault: "settings ignored", check: "environment.api_docs", service: true},
	{fault: "settings ignored", check: "environment.token_lifetime", service: true},
	{fault: "settings ignored", check: "environment.cors_default", service: true},
	{fault: "does not wait", check: "database.late", service: true},
	{fault: "does not wait", check: "database.never", service: true},
	{fault: "impatient", check: "limits.retry_after", service: true},
	{fault: "waits for ever", check: "lifecycle.bounded", service: true},
	{fault: "migrates once", check: "database.migrate_again", service: true},
	{fault: "SIGINT ends at once", check: "lifecycle.interrupt", service: true},
	{fault: "exit code 2", check: "configuration.database_url", service: true},
	{fault: "exit code 2", check: "configuration.app_env", service: true},
	{fault: "exit code 2", check: "configuration.port", service: true},
	{fault: "exit code 2", check: "configuration.access_token_ttl", service: true},
	{fault: "exit code 2", check: "configuration.cors_origins", service: true},
	{fault: "exit code 2", check: "configuration.auth_rate_limit", service: true},
	{fault: "exit code 2", check: "configuration.trusted_proxies", service: true},
	{fault: "exit code 2", check: "configuration.api_docs", service: true},
	{fault: "exit code 2", check: "configuration.log_level", service: true},
	{fault: "exit code 2", check: "configuration.database_pool_size", service: true},
	{fault: "exit code 2", check: "configuration.database_url_missing", service: true},
}

func TestFaultsAreFound(t *testing.T) {
	t.Parallel()
	for _, f := range faults {
		t.Run(f.check+"/"+f.fault, func(t *testing.T) {
			t.Parallel()
			run := inProcess
			if f.service {
				run = asService
			}
			summary := run(t, f.fault, f.check)
			report(t, summary)
			if strings.Count(f.check, ".") == 2 && strings.HasPrefix(f.check, "fields.") && summary.Failed > 0 {
				ownFields(t, f.check, summary.Results[0].Detail)
			}
			if summary.Failed == 0 {
				t.Errorf("check %s did not find the fault %q", f.check, f.fault)
			}
		})
	}
}

// TestFaultsStayApart expects that among checks which share instances, one that fails takes no other with it.
func TestFaultsStayApart(t *testing.T) {
	t.Parallel()
	sharing := []string{
		"limits.address", "limits.email_and_address", "limits.email", "limits.ipv6", "limits.trusted_proxies", "logs.client", "logs.login",
		"environment.production", "environment.metrics_token", "environment.token_lifetime", "environment.api_docs", "environment.cors_default",
		"lifecycle.in_flight", "lifecycle.second_signal", "lifecycle.interrupt", "lifecycle.idle",
	}
	for fault, found := range map[string][]string{
		"failed logins not counted":      {"limits.email_and_address", "limits.email"},
		"no login events":                {"logs.login"},
		"second signal ends":             {"lifecycle.second_signal"},
		"first X-Forwarded-For believed": {"limits.trusted_proxies", "logs.client"},
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			summary := asService(t, fault, sharing...)
			for _, r := range summary.Results {
				if (r.Status == Failed) != slices.Contains(found, r.ID) {
					t.Errorf("%s: %s %s", r.ID, r.Status, r.Detail)
				}
			}
		})
	}
}

// TestLoopbackOnly is apart from the other faults, since a machine may have no address to find it by.
func TestLoopbackOnly(t *testing.T) {
	t.Parallel()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(addresses, func(a net.Addr) bool {
		network, ok := a.(*net.IPNet)
		return ok && !network.IP.IsLoopback() && network.IP.To4() != nil
	}) {
		t.Skip("this machine has no address but the loopback's")
	}
	if summary := asService(t, "loopback only", "environment.interfaces"); summary.Failed != 1 {
		report(t, summary)
		t.Error("a service on the loopback only was taken")
	}
}

// ownFields expects the first fault of a check on a type of field to be about a field of that type: a fault that hits
// every record would be found by any check, and prove nothing about this one.
func ownFields(t *testing.T, check, detail string) {
	t.Helper()
	kind := strings.Split(check, ".")[1]
	for _, r := range fakeResources {
		for _, f := range r.Fields {
			named := strings.Contains(detail, `"field":"`+f.Name+`"`)
			if named && f.Type != kind {
				t.Errorf("check %s failed about the field %s, which is no %s:\n%s", check, f.Name, kind, detail)
			}
		}
	}
}

// TestFaultsSeenEverywhere runs a check for its traffic and lets the ones at the end find the fault.
func TestFaultsSeenEverywhere(t *testing.T) {
	t.Parallel()
	for _, f := range []struct {
		fault, check, traffic string
		service               bool
	}{
		{"5xx on NUL", "everywhere.no_5xx", "robustness.paths", false},
		{"missing nosniff on 404", "everywhere.headers", "errors.unknown_route", false},
		{"any request id echoed", "everywhere.request_id", "request_id.replaced", false},
		{"problems as plain JSON", "everywhere.problems", "errors.unknown_route", false},
		{"description of an older record", "everywhere.openapi", "resources.create", false},
		{"e-mail in the log", "everywhere.logs", "accounts.login.alike", true},
		{"plain text in the log", "everywhere.log_lines", "lifecycle.idle", true},
	} {
		t.Run(f.check, func(t *testing.T) {
			t.Parallel()
			run := inProcess
			if f.service {
				run = asService
			}
			for _, r := range run(t, f.fault, f.traffic, f.check).Results {
				if r.ID == f.check && r.Status != Failed {
					t.Errorf("check %s did not find the fault %q: %s %s", f.check, f.fault, r.Status, r.Detail)
				}
			}
		})
	}
}

// TestNoCheckPassesOnNonsense runs all checks on a service that answers everything but the accounts' routes with 200 and
// the text "nonsense". No check may pass, but those that such answers truly satisfy.
func TestNoCheckPassesOnNonsense(t *testing.T) {
	t.Parallel()
	satisfied := map[string]bool{
		"operations.head": true, "security.disclosure": true, "everywhere.no_5xx": true, "everywhere.problems": true, "robustness.paths": true,
		"robustness.headers": true, "robustness.fuzz": true, "cors.denied": true,
	}
	for _, r := range inProcess(t, "nonsense").Results {
		if r.Status == Passed && !satisfied[r.ID] && r.Group != "accounts" && r.Group != "tokens" {
			t.Errorf("%s passed", r.ID)
		}
	}
}
