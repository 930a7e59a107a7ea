// Command bench measures what docs/performance.md tells.
//
//	cd e2e && go run ./bench new      `backlot new` as a whole process, beside `cp -r` of what it makes
//	cd e2e && go run ./bench serve    the generated backend, beside a bare handler on the same database
//
// What is compared runs in turns, so that a machine that is busy for a while is busy for both.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("say what to measure: new or serve")
	}
	switch args[0] {
	case "new":
		return measureNew(ctx, args[1:])
	case "serve":
		return measureServe(ctx, args[1:])
	case "peak": // a process of its own, see peakMemory
		return printPeak(ctx, args[1:])
	}
	return fmt.Errorf("%q cannot be measured: new and serve can", args[0])
}

// build builds a program in the folder of its module.
func build(ctx context.Context, folder, program string, arguments ...string) error {
	return command(ctx, folder, append([]string{"go", "build", "-trimpath", "-ldflags=-s -w", "-o", program}, arguments...)...)
}

// command runs a command; its output is shown when it fails.
func command(ctx context.Context, folder string, argv ...string) error {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir, cmd.Env = folder, append(os.Environ(), "CGO_ENABLED=0")
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(argv, " "), err, output)
	}
	return nil
}

// repository is the folder of Backlot's own module, which is above that of e2e.
func repository() (string, error) {
	output, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/backlot-cli/backlot").Output()
	if err != nil {
		return "", fmt.Errorf("run it in the folder e2e: %w", err)
	}
	return strings.TrimSpace(string(output)), nil
}

// workFolder makes a folder in memory where there is such a place.
func workFolder(in string) (string, error) {
	if info, err := os.Stat("/dev/shm"); in == "" && err == nil && info.IsDir() {
		in = "/dev/shm"
	}
	return os.MkdirTemp(in, "backlot-bench-")
}

func printMachine() {
	model := runtime.GOARCH
	if content, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(content)) {
			if name, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
			}
		}
	}
	fmt.Printf("%s, %d processors, %s, %s\n", model, runtime.NumCPU(), runtime.GOOS, runtime.Version())
}

// series are measurements of one thing.
type series []float64

func (s series) median() float64 {
	sorted := slices.Sorted(slices.Values(s))
	if len(sorted) == 0 {
		return 0
	}
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// per divides each measurement by the one that was taken beside it.
func (s series) per(other series) series {
	ratios := make(series, len(s))
	for i := range s {
		ratios[i] = s[i] / other[i]
	}
	return ratios
}

// spread is the median with the least and the greatest.
func (s series) spread(format string) string {
	return fmt.Sprintf(format+" ("+format+"–"+format+")", s.median(), slices.Min(s), slices.Max(s))
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// printPeak runs a command and prints its peak memory in KiB. A child's peak is at least its parent's memory
// at the start, so the parent is a process that has done nothing else.
func printPeak(ctx context.Context, argv []string) error {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w\n%s", err, &output)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return errors.New("this system does not tell")
	}
	fmt.Println(usage.Maxrss)
	return nil
}

// peakMemory is the peak memory of a command in MiB.
func peakMemory(ctx context.Context, argv ...string) (float64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	output, err := exec.CommandContext(ctx, self, append([]string{"peak"}, argv...)...).Output()
	if err != nil {
		return 0, err
	}
	var kibibytes float64
	_, err = fmt.Sscan(string(output), &kibibytes)
	return kibibytes / 1024, err
}

func countFiles(folder string) (files int, bytes int64, err error) {
	err = filepath.WalkDir(folder, func(_ string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			files, bytes = files+1, bytes+info.Size()
		}
		return err
	})
	return files, bytes, err
}
