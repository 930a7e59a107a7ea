package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"path"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

var (
	requestIDPattern   = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)
	traceparentPattern = regexp.MustCompile(`^(?:[0-9a-e][0-9a-f]|f[0-9a-e])-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$`)
)

// request is what the middleware knows about a request.
type request struct {
	id     string
	client netip.Addr
	user   uuid.UUID
}

type requestKey struct{}

func requestOf(ctx context.Context) *request {
	return ctx.Value(requestKey{}).(*request)
}

// owner is the account that makes the request.
func owner(ctx context.Context) uuid.UUID {
	return requestOf(ctx).user
}

// ServeHTTP does for every request what no route does for itself: headers, CORS, the log and the metrics.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	this := &request{id: r.Header.Get("X-Request-Id"), client: client(r, s.config.TrustedProxies)}
	if !requestIDPattern.MatchString(this.id) {
		this.id = uuid.NewString()
	}
	r = r.WithContext(context.WithValue(r.Context(), requestKey{}, this))
	answer := &response{ResponseWriter: w}
	header := w.Header()
	header.Set("X-Request-Id", this.id)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	policy := "default-src 'none'; frame-ancestors 'none'"
	if r.URL.Path == docsPath || strings.HasPrefix(r.URL.Path, docsPath+"/") {
		policy = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
	}
	header.Set("Content-Security-Policy", policy)
	if r.URL.Path == "/api" || strings.HasPrefix(r.URL.Path, "/api/") {
		header.Set("Cache-Control", "no-store")
	}
	defer func() {
		if cause := recover(); cause != nil {
			slog.Error("panic", "request_id", this.id, "error", fmt.Sprint(cause), "stack", string(debug.Stack()))
			if answer.status != 0 {
				panic(http.ErrAbortHandler) // too late for an answer
			}
			writeProblem(answer, problem(http.StatusInternalServerError, "an error of the service"))
		}
		s.record(r, this, answer, time.Since(start))
	}()
	switch {
	case s.preflight(answer, r):
	case path.Clean(r.URL.Path) != strings.TrimSuffix(r.URL.Path, "/") && r.URL.Path != "/":
		writeProblem(answer, problem(http.StatusNotFound, "not found")) // ServeMux would redirect
	default:
		s.mux.ServeHTTP(answer, r)
	}
}

// record writes the log line and the metrics of a request.
func (s *Server) record(r *http.Request, this *request, answer *response, duration time.Duration) {
	if answer.status == 0 {
		answer.status = http.StatusOK
	}
	_, route, _ := strings.Cut(r.Pattern, " ")
	s.metrics.observe(r.Method, route, answer.status, duration)
	attributes := append(make([]slog.Attr, 0, 8),
		slog.String("request_id", this.id), slog.String("method", r.Method), slog.String("path", r.URL.Path),
		slog.Int("status", answer.status), slog.Float64("duration_ms", float64(duration.Microseconds())/1000),
		slog.String("client", this.client.String()))
	if this.user != uuid.Nil {
		attributes = append(attributes, slog.String("user_id", this.user.String()))
	}
	if trace := traceparentPattern.FindStringSubmatch(r.Header.Get("Traceparent")); trace != nil && strings.Trim(trace[1], "0") != "" && strings.Trim(trace[2], "0") != "" {
		attributes = append(attributes, slog.String("trace_id", trace[1]))
	}
	slog.LogAttrs(r.Context(), slog.LevelInfo, "request", attributes...)
}

// preflight sets the CORS headers, and tells whether it has answered the request.
func (s *Server) preflight(w http.ResponseWriter, r *http.Request) bool {
	if len(s.config.CORSOrigins) == 0 {
		return false
	}
	header, origin := w.Header(), r.Header.Get("Origin")
	header.Add("Vary", "Origin")
	allowed := slices.Contains(s.config.CORSOrigins, origin)
	if allowed {
		header.Set("Access-Control-Allow-Origin", origin)
		header.Set("Access-Control-Expose-Headers", "Location, X-Request-Id, Retry-After")
	}
	if r.Method != http.MethodOptions || origin == "" || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	if allowed {
		header.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
		header.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Request-Id, Traceparent")
		header.Set("Access-Control-Max-Age", "600")
	}
	w.WriteHeader(http.StatusNoContent)
	return true
}

// client is the address of the client. Each trusted proxy has appended the address that it saw to X-Forwarded-For.
func client(r *http.Request, proxies int) netip.Addr {
	peer, _ := netip.ParseAddrPort(r.RemoteAddr)
	address := peer.Addr()
	if proxies > 0 {
		forwarded := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		text := strings.TrimSpace(forwarded[max(0, len(forwarded)-proxies)])
		if given, err := netip.ParseAddr(text); err == nil {
			address = given
		} else if given, err := netip.ParseAddrPort(text); err == nil {
			address = given.Addr()
		}
	}
	return address.Unmap().WithZone("")
}

// response remembers the status, and turns errors that the standard library writes into problems.
type response struct {
	http.ResponseWriter
	status   int
	replaced bool
}

// WriteHeader sends the status.
func (w *response) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	if status >= http.StatusOK {
		w.status = status
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	if status < http.StatusBadRequest || w.Header().Get("Content-Type") == "application/problem+json" {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	w.replaced = true
	w.Header().Del("Content-Length")
	writeProblem(w.ResponseWriter, problem(status, strings.ToLower(http.StatusText(status))))
}

// Write sends a part of the body.
func (w *response) Write(part []byte) (int, error) {
	if w.replaced {
		return len(part), nil
	}
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(part)
}

// Unwrap is how http.ResponseController reaches the connection.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }
