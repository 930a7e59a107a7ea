package conformance

import (
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets the test binary be the service that the suite starts.
func TestMain(m *testing.M) {
	if os.Getenv("FAKE_SERVICE") == "1" {
		os.Exit(fakeMain())
	}
	os.Exit(m.Run())
}

// inProcess runs checks against a fake in this process, whose signing key the suite knows.
func inProcess(t *testing.T, fault string, only ...string) Summary {
	t.Helper()
	store := &fakeStore{records: map[string][]fakeRecord{}}
	secret := strings.Repeat("s", 40)
	server := httptest.NewServer(newFake(fault, store.do, secret))
	defer server.Close()
	summary, err := Run(t.Context(), Target{BaseURL: server.URL, Name: fakeName, Resources: fakeResources, Secret: secret}, Options{Only: only, Concurrency: 4}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

// asService runs checks against fakes that the suite starts.
func asService(t *testing.T, fault string, only ...string) Summary {
	t.Helper()
	store := &fakeStore{records: map[string][]fakeRecord{}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go store.serve(listener)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, ".env"), []byte("JWT_SECRET="+strings.Repeat("e", 40)+"\nMETRICS_TOKEN=\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	service := &Service{
		Dir: folder, Serve: []string{program}, Migrate: []string{program, "migrate"},
		Environment: []string{"FAKE_SERVICE=1", "FAKE_FAULT=" + fault, "DATABASE_URL=fake://" + listener.Addr().String(), "GOCOVERDIR=" + folder},
	}
	summary, err := Run(t.Context(), Target{Name: fakeName, Resources: fakeResources, Service: service}, Options{Only: only}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

func report(t *testing.T, s Summary) {
	t.Helper()
	var b strings.Builder
	for _, r := range s.Results {
		if r.Status != Passed {
			_ = WriteText(&b, r)
		}
	}
	_ = WriteSummary(&b, s)
	t.Log("\n" + b.String())
}

func TestFakeInProcessPasses(t *testing.T) {
	t.Parallel()
	summary := inProcess(t, "")
	if !summary.OK() {
		report(t, summary)
		t.Fatal("the fake must pass")
	}
}

func TestFakeAsServicePasses(t *testing.T) {
	t.Parallel()
	summary := asService(t, "")
	for _, r := range summary.Results {
		if r.Status == Skipped && r.ID != "limits.retry_after" && r.ID != "database.never" && r.ID != "environment.interfaces" {
			t.Errorf("%s was skipped: %s", r.ID, r.Detail)
		}
	}
	if !summary.OK() {
		t.Error("the fake must pass")
	}
	report(t, summary)
}
