package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range files {
		file := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func TestCheckDockerfile(t *testing.T) {
	for content, want := range map[string]string{
		"FROM a:1 AS build\nRUN true\nFROM b:1\nCOPY --from=build /x /x\nCMD [\"/x\"]\n": "",
		"FROM a:1 as build\nRUN true\n":               "FromAsCasing",
		"FROM a:1\nCMD server\n":                      "JSONArgsRecommended",
		"FROM a:1\nRUNN true\n":                       "unknown instruction",
		"FROM a:1\nARG TOKEN\nENV API_KEY=$TOKEN\n":   "SecretsUsedInArgOrEnv",
		"FROM a:1\nCOPY --from=absent:tag /x /y/${Z}": "UndefinedVar",
	} {
		folder := writeFiles(t, map[string]string{"Dockerfile": content})
		err := checkDockerfile(t.Context(), filepath.Join(folder, "Dockerfile"))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", content, err, want)
		}
	}
}

func TestCheckCompose(t *testing.T) {
	const good = `services:
  app:
    build: .
    read_only: true
    cap_drop: [ALL]
    env_file: .env
    ports: ["127.0.0.1:${PORT:-8080}:8080"]
  db:
    image: db:1
    environment: {PASSWORD: "${PASSWORD:?is needed}"}
    healthcheck: {test: [CMD, "true"]}
`
	for _, test := range []struct{ old, new, want string }{
		{"", "", ""},
		{"127.0.0.1:", "", "bound to"},
		{"read_only: true", "read_only: false", "not read-only"},
		{"cap_drop: [ALL]", "tty: true", "capabilities"},
		{"image: db:1", "image: db", "no fixed tag"},
		{"image: db:1", "image: db:latest", "no fixed tag"},
		{"    healthcheck: {test: [CMD, \"true\"]}\n", "", "no health check"},
		{"build: .", "bild: .", "bild"},
		{"PASSWORD:?", "ABSENT:?", "is needed"},
	} {
		content := strings.Replace(good, test.old, test.new, 1)
		folder := writeFiles(t, map[string]string{"compose.yaml": content, ".env": "PASSWORD=x\n"})
		err := checkCompose(t.Context(), folder)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s → %s: %v, want %q", test.old, test.new, err, test.want)
		}
	}
}

func TestCheckWorkflows(t *testing.T) {
	const good = "on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo ${{ github.sha }}\n"
	folder := writeFiles(t, map[string]string{".github/workflows/ci.yaml": good})
	if n, err := checkWorkflows(folder); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	folder = writeFiles(t, map[string]string{".github/workflows/ci.yaml": strings.Replace(good, "github.sha", "github.absent", 1)})
	if _, err := checkWorkflows(folder); err == nil || !strings.Contains(err.Error(), "absent") {
		t.Errorf("%v", err)
	}
	if n, err := checkWorkflows(t.TempDir()); n != 0 || err != nil {
		t.Errorf("without workflows: %d, %v", n, err)
	}
}

func TestBaseImages(t *testing.T) {
	for content, want := range map[string][]string{
		"FROM a:1 AS build\nFROM b:2\n":                    {"a:1", "b:2"},
		"ARG V=3\nFROM a:${V} AS one\nFROM one AS two\n":   {"a:3", "a:3"},
		"FROM --platform=linux/amd64 a@sha256:00 AS One\n": {"a@sha256:00"},
	} {
		if got, err := baseImages([]byte(content)); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v, %v; want %v", content, got, err, want)
		}
	}
	if _, err := baseImages([]byte("RUN true\n")); err == nil {
		t.Error("a Dockerfile without FROM has a base")
	}
}
