package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// bare are the handlers to compare with. They are built in the project, with its versions of the drivers.
//
//go:embed testdata/bare
var bare embed.FS

// servers say how to make a database of our own where one is needed; {admin} is the administrator's URL.
var servers = map[string]struct {
	environment  string
	create, drop []string
}{
	"postgres": {"POSTGRES_URL", []string{"psql", "{admin}", "-qc", "CREATE DATABASE {name}"}, []string{"psql", "{admin}", "-qc", "DROP DATABASE IF EXISTS {name} WITH (FORCE)"}},
}

const (
	body     = `{"name":"A name","notes":"Some words about it.","done":false}`
	password = "a long enough password"
	seeds    = 1000
)

func measureServe(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("serve", flag.ExitOnError)
	databases := flags.String("database", "sqlite,postgres", "databases, separated by commas")
	program := flags.String("backlot", "", "use this program instead of building one")
	rounds := flags.Int("rounds", 9, "how often each is loaded")
	duration := flags.Duration("duration", 3*time.Second, "of one load")
	connections := flags.Int("connections", 16, "of the load tool, which is wrk")
	folder := flags.String("folder", "", "work in a folder of this one, on a disk (default: the system's for temporary files)")
	keep := flags.Bool("keep", false, "keep the folder")
	_ = flags.Parse(args)
	work, err := os.MkdirTemp(*folder, "backlot-bench-")
	if err != nil {
		return err
	}
	if *keep {
		fmt.Println(work)
	} else {
		defer func() { _ = os.RemoveAll(work) }()
	}
	if *program == "" {
		root, err := repository()
		if err != nil {
			return err
		}
		*program = filepath.Join(work, "backlot")
		if err := build(ctx, root, *program, "."); err != nil {
			return err
		}
	}
	printMachine()
	for database := range strings.SplitSeq(*databases, ",") {
		b := &backend{work: filepath.Join(work, database), program: *program, database: database}
		err := b.measure(ctx, *rounds, *duration, *connections)
		if err := errors.Join(err, b.stop()); err != nil {
			return fmt.Errorf("%s: %w", database, err)
		}
	}
	return nil
}

// backend is a generated project that runs, and the bare handlers on the same database.
type backend struct {
	work, program, database string

	url         string
	environment []string
	token       string
	processes   []*exec.Cmd
	dropping    []string
}

func (b *backend) measure(ctx context.Context, rounds int, duration time.Duration, connections int) error {
	size, err := b.make(ctx)
	if err != nil {
		return err
	}
	startup, err := b.startups(ctx)
	if err != nil {
		return err
	}
	service, address, err := b.start(ctx, "server")
	if err != nil {
		return err
	}
	time.Sleep(time.Second)
	rest := memory(service)
	owner, id, err := b.seed(address)
	if err != nil {
		return err
	}
	contenders := []contender{{name: "service", process: service, address: address}, {name: "bare"}, {name: "bare, prepared"}}
	for i, arguments := range [][]string{1: {owner}, 2: {owner, "prepared"}} {
		if arguments == nil {
			continue
		}
		if contenders[i].process, contenders[i].address, err = b.start(ctx, "bare", arguments...); err != nil {
			return err
		}
	}
	script := filepath.Join(b.work, "post.lua")
	if err := os.WriteFile(script, fmt.Appendf(nil, "wrk.method = \"POST\"\nwrk.body = %q\nwrk.headers[\"Content-Type\"] = \"application/json\"\n", body), 0o600); err != nil {
		return err
	}
	fmt.Printf("\n%s: start-up %s ms to the first 200 of /readyz; memory at rest %.1f MiB; program %.1f MiB\n\n", b.database, startup.spread("%.0f"), rest, float64(size)/(1<<20))
	fmt.Println("| request | by | requests/s | ratio of medians | ratios of rounds | processor time a request, µs |")
	fmt.Println("| --- | --- | --- | --- | --- | --- |")
	for _, operation := range []struct{ name, path, script string }{
		{"GET one", "/api/v1/items/" + id, ""},
		{"GET 20", "/api/v1/items?limit=20", ""},
		{"POST", "/api/v1/items", script},
	} {
		for _, c := range contenders[1:] {
			if err := b.compare(address+operation.path, c.address+operation.path); err != nil {
				return err
			}
		}
		for round := range rounds + 1 {
			for turn := range contenders {
				c := &contenders[(round+turn)%len(contenders)]
				before := processorTime(c.process)
				rate, requests, err := b.load(ctx, c.address+operation.path, operation.script, duration, connections)
				if err != nil {
					return err
				}
				if round == 0 { // it warms up
					c.rates, c.costs = nil, nil
					continue
				}
				c.rates = append(c.rates, rate)
				c.costs = append(c.costs, float64((processorTime(c.process)-before).Microseconds())/requests)
			}
		}
		for _, c := range contenders {
			ratio, ratios := "", ""
			if c.process != service {
				ratio = fmt.Sprintf("%.2f", contenders[0].rates.median()/c.rates.median())
				ratios = contenders[0].rates.per(c.rates).spread("%.2f")
			}
			fmt.Printf("| %s | %s | %s | %s | %s | %.0f |\n", operation.name, c.name, c.rates.spread("%.0f"), ratio, ratios, c.costs.median())
		}
	}
	fmt.Printf("\n%s: memory after the load %.1f MiB, bare %.1f MiB\n", b.database, memory(service), memory(contenders[1].process))
	return nil
}

// contender is a program under load, and what was measured of it.
type contender struct {
	name, address string
	process       *exec.Cmd
	rates, costs  series
}

// make makes the project and its database, and builds it and the bare handlers. It returns the program's size.
func (b *backend) make(ctx context.Context) (int64, error) {
	if err := command(ctx, filepath.Dir(b.work), b.program, "new", "shop", "--yes", "--no-git", "--database", b.database, "--dir", b.work); err != nil {
		return 0, err
	}
	b.url = "sqlite://" + filepath.Join(b.work, "bench.db")
	if server, needed := servers[b.database]; needed {
		admin, err := url.Parse(os.Getenv(server.environment))
		if err != nil || admin.Host == "" {
			return 0, fmt.Errorf("%s must be the URL of a server's administrator", server.environment)
		}
		fill := strings.NewReplacer("{admin}", admin.String(), "{name}", "bench_"+strings.ToLower(rand.Text()[:8]))
		words := strings.Split(fill.Replace(strings.Join(server.create, "\n")), "\n")
		if err := command(ctx, b.work, words...); err != nil {
			return 0, err
		}
		b.dropping = strings.Split(fill.Replace(strings.Join(server.drop, "\n")), "\n")
		admin.Path = fill.Replace("/{name}")
		b.url = admin.String()
	}
	b.environment = append(os.Environ(), "APP_ENV=production", "JWT_SECRET="+rand.Text()+rand.Text(), "DATABASE_URL="+b.url, "DATABASE_POOL_SIZE=10")
	if err := os.MkdirAll(filepath.Join(b.work, "cmd", "bare"), 0o750); err != nil {
		return 0, err
	}
	for _, name := range []string{"main.go", b.database + ".go"} {
		content, err := bare.ReadFile("testdata/bare/" + name)
		if err != nil {
			return 0, err
		}
		if err := os.WriteFile(filepath.Join(b.work, "cmd", "bare", name), content, 0o600); err != nil {
			return 0, err
		}
	}
	for _, name := range []string{"server", "bare"} {
		if err := build(ctx, b.work, "bin/"+name, "./cmd/"+name); err != nil {
			return 0, err
		}
	}
	migrate := exec.CommandContext(ctx, filepath.Join(b.work, "bin", "server"), "migrate")
	migrate.Dir, migrate.Env = b.work, b.environment
	if output, err := migrate.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("migrate: %w\n%s", err, output)
	}
	info, err := os.Stat(filepath.Join(b.work, "bin", "server"))
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// start starts a program of the project and waits until it answers. What it logs goes to a file.
func (b *backend) start(ctx context.Context, name string, arguments ...string) (*exec.Cmd, string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		return nil, "", err
	}
	log, err := os.Create(filepath.Join(b.work, name+".log"))
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = log.Close() }()
	cmd := exec.CommandContext(ctx, filepath.Join(b.work, "bin", name), arguments...)
	cmd.Dir, cmd.Env = b.work, slices.Concat(b.environment, []string{"PORT=" + address[strings.LastIndex(address, ":")+1:]})
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return nil, "", err
	}
	b.processes = append(b.processes, cmd)
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		answer, err := http.Get("http://" + address + "/readyz")
		if err != nil {
			continue
		}
		_ = answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			return cmd, "http://" + address, nil
		}
	}
	return nil, "", fmt.Errorf("%s does not answer: see %s", name, log.Name())
}

// stop stops what runs, and drops the database.
func (b *backend) stop() error {
	for _, process := range b.processes {
		_ = process.Process.Signal(syscall.SIGTERM)
		_ = process.Wait()
	}
	if b.dropping == nil {
		return nil
	}
	return command(context.Background(), b.work, b.dropping...)
}

// startups measures how long the service takes from its start to the first answer.
func (b *backend) startups(ctx context.Context) (series, error) {
	var times series
	for range 11 {
		start := time.Now()
		process, _, err := b.start(ctx, "server")
		if err != nil {
			return nil, err
		}
		times = append(times, milliseconds(time.Since(start)))
		_ = process.Process.Signal(syscall.SIGTERM)
		_ = process.Wait()
	}
	b.processes = nil
	return times, nil
}

// seed makes an account and its records, and returns the ids of the account and of one of the records.
func (b *backend) seed(address string) (owner, id string, err error) {
	credentials := fmt.Sprintf(`{"email":"bench@example.com","password":%q}`, password)
	if _, err := b.call("POST", address+"/api/v1/auth/register", credentials); err != nil {
		return "", "", err
	}
	login, err := b.call("POST", address+"/api/v1/auth/login", credentials)
	if err != nil {
		return "", "", err
	}
	b.token, _ = login["access_token"].(string)
	account, err := b.call("GET", address+"/api/v1/auth/me", "")
	if err != nil {
		return "", "", err
	}
	owner, _ = account["id"].(string)
	for range seeds {
		record, err := b.call("POST", address+"/api/v1/items", body)
		if err != nil {
			return "", "", err
		}
		id, _ = record["id"].(string)
	}
	return owner, id, nil
}

func (b *backend) call(method, address, body string) (map[string]any, error) {
	request, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+b.token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(answer.Body)
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return nil, err
	}
	if answer.StatusCode >= http.StatusBadRequest {
		return nil, fmt.Errorf("%s %s: %s %s", method, address, answer.Status, content)
	}
	var object map[string]any
	return object, json.Unmarshal(bytes.TrimSpace(content), &object)
}

// compare holds the two answers against each other: the same work must have been done.
func (b *backend) compare(service, bare string) error {
	want, err := b.call("GET", service, "")
	if err != nil {
		return err
	}
	got, err := b.call("GET", bare, "")
	if err != nil {
		return err
	}
	delete(want, "next_cursor") // the service signs it
	delete(got, "next_cursor")
	if !reflect.DeepEqual(want, got) {
		return fmt.Errorf("the answers differ: %v, %v", want, got)
	}
	return nil
}

var (
	rateLine     = regexp.MustCompile(`(?m)^Requests/sec: +([0-9.]+)$`)
	requestsLine = regexp.MustCompile(`(?m)^ +([0-9]+) requests in `)
)

// load returns requests per second, and how many there were.
func (b *backend) load(ctx context.Context, address, script string, duration time.Duration, connections int) (rate, requests float64, err error) {
	argv := []string{"-t1", "-c", strconv.Itoa(connections), "-d", strconv.Itoa(int(duration.Seconds())) + "s", "-H", "Authorization: Bearer " + b.token}
	if script != "" {
		argv = append(argv, "-s", script)
	}
	output, err := exec.CommandContext(ctx, "wrk", append(argv, address)...).CombinedOutput()
	if err != nil {
		return 0, 0, fmt.Errorf("wrk: %w\n%s", err, output)
	}
	perSecond, number := rateLine.FindSubmatch(output), requestsLine.FindSubmatch(output)
	if perSecond == nil || number == nil || bytes.Contains(output, []byte("Non-2xx")) || bytes.Contains(output, []byte("Socket errors")) {
		return 0, 0, fmt.Errorf("requests failed:\n%s", output)
	}
	rate, _ = strconv.ParseFloat(string(perSecond[1]), 64)
	requests, _ = strconv.ParseFloat(string(number[1]), 64)
	return rate, requests, nil
}

// memory is what a process holds, in MiB; 0 where the system does not tell it this way.
func memory(process *exec.Cmd) float64 {
	content, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", process.Process.Pid))
	_, rest, _ := strings.Cut(string(content), "VmRSS:")
	var kibibytes float64
	_, _ = fmt.Sscan(rest, &kibibytes)
	return kibibytes / 1024
}

// processorTime is what a process has used of the processors; 0 where the system does not tell it this way.
func processorTime(process *exec.Cmd) time.Duration {
	content, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", process.Process.Pid))
	fields := strings.Fields(string(content[bytes.LastIndexByte(content, ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}
