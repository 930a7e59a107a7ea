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
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/backlot-cli/backlot/generator"
	"github.com/backlot-cli/backlot/internal/ports"
	"github.com/backlot-cli/backlot/templates"
	"go.yaml.in/yaml/v3"
)

// bare are the handlers to compare with: a folder per language. They are laid into the generated project and
// built there, with its versions of the drivers.
//
//go:embed testdata/bare
var bareFolder embed.FS

// bare says how a language's handler is made, in bare.yaml.
type bare struct {
	Folder    string                  `yaml:"folder"`  // where its files go in the project
	Build     []string                `yaml:"build"`   // or none
	Service   []string                `yaml:"service"` // starts the service as its image does, where the project's own command does not
	Serve     []string                `yaml:"serve"`   // gets PORT, OWNER and VARIANT beside what the service gets
	Databases map[string]bareDatabase `yaml:"databases"`
}

type bareDatabase struct {
	Files    []string `yaml:"files"`
	Variants []string `yaml:"variants"` // further ways to do the same: values of VARIANT
}

func readBare(language, database string) (*bare, error) {
	content, err := bareFolder.ReadFile(path.Join("testdata/bare", language, "bare.yaml"))
	if err != nil {
		return nil, fmt.Errorf("there is no bare handler: %w", err)
	}
	var b bare
	if err := yaml.Unmarshal(content, &b); err != nil {
		return nil, err
	}
	if _, found := b.Databases[database]; !found {
		return nil, fmt.Errorf("the bare handler of %s has no entry for %s", language, database)
	}
	return &b, nil
}

const (
	body     = `{"name":"A name","notes":"Some words about it.","done":false}`
	password = "a long enough password"
	seeds    = 1000
)

func measureServe(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("serve", flag.ExitOnError)
	language := flags.String("language", "go", "of the service")
	databases := flags.String("database", "sqlite,postgres", "databases, separated by commas")
	program := flags.String("backlot", "", "use this program instead of building one")
	rounds := flags.Int("rounds", 9, "how often each is loaded")
	warmup := flags.Int("warmup", 1, "rounds before that, which do not count; a virtual machine wants several")
	starts := flags.Int("starts", 11, "how often the start is measured")
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
		b := &backend{work: filepath.Join(work, database), program: *program, language: *language, database: database}
		err := b.measure(ctx, *starts, *warmup, *rounds, *duration, *connections)
		if err := errors.Join(err, b.stop()); err != nil {
			return fmt.Errorf("%s, %s: %w", *language, database, err)
		}
	}
	return nil
}

// backend is a generated project that runs, and the bare handlers on the same database.
type backend struct {
	work, program, language, database string

	bare   *bare
	record generator.Record

	url         string
	environment []string
	token       string
	processes   []*exec.Cmd
	dropping    [][]string
}

func (b *backend) measure(ctx context.Context, starts, warmup, rounds int, duration time.Duration, connections int) error {
	if err := b.make(ctx); err != nil {
		return err
	}
	serve := b.record.Commands["serve"]
	if len(b.bare.Service) > 0 {
		serve = b.bare.Service
	}
	startup, err := b.startups(ctx, serve, starts)
	if err != nil {
		return err
	}
	service, address, err := b.start(ctx, "service", serve)
	if err != nil {
		return err
	}
	time.Sleep(time.Second)
	rest := memory(service)
	owner, id, err := b.seed(address)
	if err != nil {
		return err
	}
	contenders := []contender{{name: "service", process: service, address: address}}
	for _, variant := range append([]string{""}, b.bare.Databases[b.database].Variants...) {
		name := strings.TrimSuffix("bare, "+variant, ", ")
		process, address, err := b.start(ctx, name, b.bare.Serve, "OWNER="+owner, "VARIANT="+variant)
		if err != nil {
			return err
		}
		contenders = append(contenders, contender{name: name, process: process, address: address})
	}
	script := filepath.Join(b.work, "post.lua")
	if err := os.WriteFile(script, fmt.Appendf(nil, "wrk.method = \"POST\"\nwrk.body = %q\nwrk.headers[\"Content-Type\"] = \"application/json\"\n", body), 0o600); err != nil {
		return err
	}
	fmt.Printf("\n%s, %s: start-up %s ms to the first 200 of /readyz; memory at rest %.1f MiB\n\n", b.language, b.database, startup.spread("%.0f"), rest)
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
		for round := range warmup + rounds {
			for turn := range contenders {
				c := &contenders[(round+turn)%len(contenders)]
				before := processorTime(c.process)
				rate, requests, err := b.load(ctx, c.address+operation.path, operation.script, duration, connections)
				if err != nil {
					return err
				}
				if round == 0 {
					c.rates, c.costs = nil, nil
				}
				if round < warmup {
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
	fmt.Printf("\n%s, %s: memory after the load %.1f MiB, bare %.1f MiB\n", b.language, b.database, memory(service), memory(contenders[1].process))
	return nil
}

// contender is a program under load, and what was measured of it.
type contender struct {
	name, address string
	process       *exec.Cmd
	rates, costs  series
}

// make makes the project and its database, and builds it and the bare handler.
func (b *backend) make(ctx context.Context) (err error) {
	if b.bare, err = readBare(b.language, b.database); err != nil {
		return err
	}
	if err := command(ctx, filepath.Dir(b.work), b.program, "new", "shop", "--yes", "--no-git", "--language", b.language, "--database", b.database, "--dir", b.work); err != nil {
		return err
	}
	if b.record, err = generator.ReadRecord(os.DirFS(b.work)); err != nil {
		return err
	}
	if err := b.makeDatabase(ctx); err != nil {
		return err
	}
	b.environment = append(os.Environ(), "APP_ENV=production", "JWT_SECRET="+rand.Text()+rand.Text(), "DATABASE_URL="+b.url, "DATABASE_POOL_SIZE=10", "AUTH_RATE_LIMIT=1000")
	folder := filepath.Join(b.work, filepath.FromSlash(b.bare.Folder))
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return err
	}
	for _, name := range b.bare.Databases[b.database].Files {
		content, err := bareFolder.ReadFile(path.Join("testdata/bare", b.language, name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			return err
		}
	}
	for _, words := range [][]string{b.record.Commands["setup"], b.record.Commands["build"], b.bare.Build, b.record.Commands["migrate"]} {
		if len(words) == 0 {
			continue
		}
		if err := b.runIn(ctx, words); err != nil {
			return err
		}
	}
	return nil
}

// makeDatabase makes a database of our own, by the database's own recipe.
func (b *backend) makeDatabase(ctx context.Context) error {
	if b.record.TemporaryDatabase != "" {
		b.url = strings.ReplaceAll(b.record.TemporaryDatabase, "{folder}", strings.TrimPrefix(filepath.ToSlash(b.work), "/"))
		return nil
	}
	catalog, err := generator.Load(templates.Tree())
	if err != nil {
		return err
	}
	recipe, err := catalog.TestServer(b.database)
	if err != nil {
		return err
	}
	admin, err := url.Parse(os.Getenv(recipe.Environment))
	if err != nil || admin.Host == "" {
		return fmt.Errorf("%s must be the URL of a server's administrator", recipe.Environment)
	}
	user := admin.User.Username()
	secret, _ := admin.User.Password()
	fill := strings.NewReplacer("{admin}", admin.String(), "{host}", admin.Hostname(), "{port}", admin.Port(), "{user}", user, "{password}", secret,
		"{query}", admin.RawQuery, "{name}", "bench_"+strings.ToLower(rand.Text()[:8]), "{number}", "15")
	for _, words := range recipe.Create {
		if err := command(ctx, b.work, filled(fill, words)...); err != nil {
			return err
		}
	}
	for _, words := range recipe.Drop {
		b.dropping = append(b.dropping, filled(fill, words))
	}
	b.url = strings.NewReplacer("//:@", "//", ":@", "@").Replace(fill.Replace(strings.TrimSuffix(recipe.URL, "?{query}")))
	if admin.RawQuery != "" {
		b.url += "?" + admin.RawQuery
	}
	return nil
}

func filled(fill *strings.Replacer, words []string) []string {
	argv := make([]string, len(words))
	for i, word := range words {
		argv[i] = fill.Replace(word)
	}
	return argv
}

// command is a command in the project. A program in the project's own folder is found there.
func (b *backend) command(ctx context.Context, words []string, environment ...string) *exec.Cmd {
	program := words[0]
	if strings.ContainsRune(program, '/') {
		program = filepath.Join(b.work, filepath.FromSlash(program))
	}
	cmd := exec.CommandContext(ctx, program, words[1:]...)
	cmd.Dir, cmd.Env = b.work, slices.Concat(b.environment, environment)
	return cmd
}

// runIn runs a command of the project to its end; its output is shown when it fails.
func (b *backend) runIn(ctx context.Context, words []string) error {
	if output, err := b.command(ctx, words).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(words, " "), err, output)
	}
	return nil
}

// start starts a program of the project and waits until it answers. What it logs goes to a file.
func (b *backend) start(ctx context.Context, name string, words []string, environment ...string) (*exec.Cmd, string, error) {
	port, err := ports.Free()
	if err != nil {
		return nil, "", err
	}
	address := fmt.Sprintf("http://127.0.0.1:%d", port)
	log, err := os.Create(filepath.Join(b.work, name+".log"))
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = log.Close() }()
	cmd := b.command(ctx, words, append(environment, fmt.Sprint("PORT=", port))...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // its workers are measured with it
	if err := cmd.Start(); err != nil {
		return nil, "", err
	}
	b.processes = append(b.processes, cmd)
	for deadline := time.Now().Add(60 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		answer, err := http.Get(address + "/readyz")
		if err != nil {
			continue
		}
		_ = answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			return cmd, address, nil
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
	var err error
	for _, words := range b.dropping {
		err = errors.Join(err, command(context.Background(), b.work, words...))
	}
	return err
}

// startups measures how long the service takes from its start to the first answer.
func (b *backend) startups(ctx context.Context, serve []string, starts int) (series, error) {
	var times series
	for range starts {
		start := time.Now()
		process, _, err := b.start(ctx, "service", serve)
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

// group are the folders in /proc of a process and of all that it started; none where the system has no /proc.
func group(process *exec.Cmd) []string {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	var folders []string
	for _, file := range stats {
		if fields := statistics(file); len(fields) > 2 && fields[2] == strconv.Itoa(process.Process.Pid) {
			folders = append(folders, filepath.Dir(file))
		}
	}
	return folders
}

// statistics are the fields of a /proc/*/stat behind the name of the command: state, parent, group and so on.
func statistics(file string) []string {
	content, _ := os.ReadFile(file)
	return strings.Fields(string(content[bytes.LastIndexByte(content, ')')+1:]))
}

// memory is what a process and its workers hold in MiB, what they share counted once.
func memory(process *exec.Cmd) float64 {
	var kibibytes float64
	for _, folder := range group(process) {
		content, _ := os.ReadFile(filepath.Join(folder, "smaps_rollup"))
		_, rest, _ := strings.Cut(string(content), "\nPss:")
		var held float64
		_, _ = fmt.Sscan(rest, &held)
		kibibytes += held
	}
	return kibibytes / 1024
}

// processorTime is what a process and its workers have used of the processors.
func processorTime(process *exec.Cmd) time.Duration {
	var ticks int
	for _, folder := range group(process) {
		if fields := statistics(filepath.Join(folder, "stat")); len(fields) > 12 {
			user, _ := strconv.Atoi(fields[11])
			system, _ := strconv.Atoi(fields[12])
			ticks += user + system
		}
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}
