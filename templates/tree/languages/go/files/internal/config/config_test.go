package config

import (
	"cmp"
	"strings"
	"testing"
)

func load(changes map[string]string) (Config, error) {
	values := map[string]string{"JWT_SECRET": strings.Repeat("s", 32), "DATABASE_URL": "database"}
	return read(func(name string) string {
		if value, changed := changes[name]; changed {
			return value
		}
		return values[name]
	})
}

func TestDefaults(t *testing.T) {
	config, err := load(nil)
	if err != nil || config.Port != 8080 || config.AuthRateLimit != 10 || !config.APIDocs || config.Production {
		t.Errorf("got %+v, %v", config, err)
	}
	config, err = load(map[string]string{"APP_ENV": "production", "CORS_ORIGINS": "https://a.example, http://localhost:3000, https://a.example:8443"})
	if err != nil || config.APIDocs || !config.Production || len(config.CORSOrigins) != 3 {
		t.Errorf("got %+v, %v", config, err)
	}
}

func TestFaults(t *testing.T) {
	for name, value := range map[string]string{
		"APP_ENV": "live", "PORT": "0", "DATABASE_POOL_SIZE": "many", "DATABASE_CA_FILE": "/nowhere", "JWT_SECRET": "short secret",
		"ACCESS_TOKEN_TTL": "1h", "CORS_ORIGINS": "*", "AUTH_RATE_LIMIT": "0", "TRUSTED_PROXIES": "-1", "API_DOCS": "yes", "LOG_LEVEL": "loud",
	} {
		fails(t, name, value)
	}
	fails(t, "PORT", "+8080")
	for _, origin := range []string{"https://Example.com", "https://a.example:443", "http://a.example:80", "https://a.example:", "https://a.example/"} {
		fails(t, "CORS_ORIGINS", origin)
	}
}

func fails(t *testing.T, name, value string) {
	t.Helper()
	_, err := load(map[string]string{name: value})
	message := ""
	if err != nil {
		message = err.Error()
	}
	if !strings.HasPrefix(message, name+" ") || strings.Contains(message, "short secret") {
		t.Errorf("%s=%s: got %q", name, value, cmp.Or(message, "no error"))
	}
}
