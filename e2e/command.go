package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// run runs a command to its end, all output into log, nothing to read. When ctx ends the command and all
// that it started are asked to stop, and killed ten seconds later.
func run(ctx context.Context, folder string, environment []string, log io.Writer, words []string) error {
	command := exec.CommandContext(ctx, words[0], words[1:]...)
	command.Dir, command.Env = folder, environment
	command.Stdout, command.Stderr = log, log
	command.WaitDelay = 10 * time.Second
	ownGroup(command)
	err := command.Run()
	if ctx.Err() != nil {
		killGroup(command)
		return fmt.Errorf("stopped: %w", context.Cause(ctx))
	}
	return err
}

// output is run with the output in hand.
func output(ctx context.Context, folder string, environment []string, words ...string) (string, error) {
	var out, errs strings.Builder
	command := exec.CommandContext(ctx, words[0], words[1:]...)
	command.Dir, command.Env = folder, environment
	command.Stdout, command.Stderr = &out, &errs
	command.WaitDelay = 10 * time.Second
	ownGroup(command)
	if err := command.Run(); err != nil {
		return out.String(), errors.Join(fmt.Errorf("%s: %w", strings.Join(words[:min(3, len(words))], " "), err), errors.New(strings.TrimSpace(errs.String())))
	}
	return strings.TrimSpace(out.String()), nil
}

// environment is this process' environment without some variables and with others.
func environment(without []string, with ...string) []string {
	kept := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		key, _, _ := strings.Cut(entry, "=")
		return slices.Contains(without, key)
	})
	return append(kept, with...)
}

// contractVariables configure a generated service: what this machine happens to have set must not leak in.
var contractVariables = []string{
	"APP_ENV", "PORT", "DATABASE_URL", "DATABASE_POOL_SIZE", "DATABASE_CA_FILE", "JWT_SECRET", "ACCESS_TOKEN_TTL", "CORS_ORIGINS",
	"AUTH_RATE_LIMIT", "TRUSTED_PROXIES", "METRICS_TOKEN", "API_DOCS", "LOG_LEVEL", "DATABASE_PORT", "DATABASE_PASSWORD",
}

// lastLines are the end of a log, for a person who sees only the run's output.
func lastLines(file string, n int) string {
	content, err := os.ReadFile(file)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimRight(string(content), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
