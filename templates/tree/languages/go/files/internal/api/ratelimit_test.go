package api

import (
	"net/http/httptest"
	"net/netip"
	"strconv"
	"testing"
	"time"
)

func TestRateLimit(t *testing.T) {
	now := time.Now()
	limits := newRateLimit()
	limits.now = func() time.Time { return now }
	limits.take("a", 2)
	limits.take("a", 2)
	if wait := limits.take("a", 2); wait != time.Minute {
		t.Errorf("over the limit: got %v", wait)
	}
	if wait := limits.take("b", 2); wait != 0 {
		t.Errorf("another key: got %v", wait)
	}
	limits.giveBack("a")
	if wait := limits.take("a", 2); wait != 0 {
		t.Errorf("given back: got %v", wait)
	}
	now = now.Add(time.Minute)
	if wait := limits.take("a", 2); wait != 0 {
		t.Errorf("a minute later: got %v", wait)
	}
	for i := range maxWindows + 1 {
		limits.take(strconv.Itoa(i), 2)
	}
	if len(limits.windows) > maxWindows {
		t.Errorf("%d windows", len(limits.windows))
	}
}

func TestClient(t *testing.T) {
	for _, c := range []struct {
		forwarded string
		proxies   int
		want      string
	}{
		{"1.1.1.1", 0, "192.0.2.1"},
		{"", 1, "192.0.2.1"},
		{"1.1.1.1, 2.2.2.2", 1, "2.2.2.2"},
		{"1.1.1.1, 2.2.2.2", 2, "1.1.1.1"},
		{"1.1.1.1", 3, "1.1.1.1"},
		{"nonsense", 1, "192.0.2.1"},
		{"[2001:db8::1]:443", 1, "2001:db8::1"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
		r.Header.Set("X-Forwarded-For", c.forwarded)
		if got := client(r, c.proxies).String(); got != c.want {
			t.Errorf("%q with %d proxies: got %s", c.forwarded, c.proxies, got)
		}
	}
	if network(netip.MustParseAddr("2001:db8::1")) != network(netip.MustParseAddr("2001:db8::2")) {
		t.Error("addresses of one /64 count apart")
	}
}
