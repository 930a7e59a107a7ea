package api

import (
	"context"
	"crypto/subtle"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

type metrics struct {
	durations *prometheus.HistogramVec
	handler   http.Handler
}

func newMetrics() *metrics {
	durations := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "http_server_request_duration_seconds",
		Help:    "Duration of HTTP requests.",
		Buckets: []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}, // as OpenTelemetry advises
	}, []string{"http_request_method", "http_route", "http_response_status_code"})
	registry := prometheus.NewRegistry()
	registry.MustRegister(durations, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return &metrics{durations: durations, handler: promhttp.HandlerFor(registry, promhttp.HandlerOpts{})}
}

func (m *metrics) observe(method, route string, status int, duration time.Duration) {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
	default:
		method = "_OTHER" // clients may make up methods, each of which would be a series of its own
	}
	m.durations.WithLabelValues(method, route, strconv.Itoa(status)).Observe(duration.Seconds())
}

// metricsRoute is open outside of production; in production it needs a token, and there is no such route without one.
func (s *Server) metricsRoute(api huma.API) {
	token := s.config.MetricsToken
	if s.config.Production && token == "" {
		return
	}
	route(api, "GET /metrics", "Metrics for Prometheus", func(context.Context, *struct{}) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(ctx huma.Context) {
			r, w := humago.Unwrap(ctx)
			if token != "" && subtle.ConstantTimeCompare([]byte(bearer(r)), []byte(token)) != 1 {
				writeProblem(w, problem(http.StatusUnauthorized, "the token is missing or wrong"))
				return
			}
			s.metrics.handler.ServeHTTP(w, r)
		}}, nil
	}, answers(http.StatusOK, "text/plain"), fails(http.StatusUnauthorized))
}
