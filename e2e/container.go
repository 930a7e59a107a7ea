package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/backlot-cli/backlot/generator"
	"github.com/backlot-cli/backlot/internal/ports"
	"github.com/docker/go-units"
)

// dockerEngine is the version of the engine that answers, or why there is none.
var dockerEngine = sync.OnceValues(func() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := onPath([]string{"docker"}); err != nil {
		return "", err
	}
	version, err := output(ctx, "", os.Environ(), "docker", "version", "--format", "{{.Server.Version}}")
	if err != nil {
		return "", skip{"Docker does not answer"}
	}
	if _, err := output(ctx, "", os.Environ(), "docker", "compose", "version"); err != nil {
		return "", skip{"Docker has no compose plugin"}
	}
	return "Docker " + version, nil
})

// A composition is a project that runs in Docker.
type composition struct {
	folder      string
	name        string // of the compose project
	environment []string
	port        int
	databaseURL string // of the published database, as seen from here; empty without one
	secret      string // JWT_SECRET, so that the suite can forge tokens
	log         io.Writer
}

// newComposition chooses free ports and lifts the limit on attempts, which the suite would run into.
func newComposition(folder, name string, log io.Writer) (*composition, error) {
	port, err := ports.Free()
	if err != nil {
		return nil, err
	}
	databasePort, err := ports.Free()
	if err != nil {
		return nil, err
	}
	settings := filepath.Join(folder, ".env")
	content, err := os.ReadFile(settings)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(settings, append(bytes.TrimRight(content, "\n"), "\nAUTH_RATE_LIMIT=100000\n"...), 0o600); err != nil {
		return nil, err
	}
	c := &composition{folder: folder, name: name, port: port, secret: setting(content, "JWT_SECRET"), log: log}
	c.environment = environment(contractVariables, fmt.Sprint("PORT=", port), fmt.Sprint("DATABASE_PORT=", databasePort), "BUILDKIT_PROGRESS=plain")
	if u, err := url.Parse(setting(content, "DATABASE_URL")); err == nil && u.Port() != "" {
		u.Host = net.JoinHostPort("127.0.0.1", fmt.Sprint(databasePort))
		c.databaseURL = u.String()
	}
	return c, nil
}

// setting reads one line of a .env file.
func setting(content []byte, name string) string {
	for line := range strings.Lines(string(content)) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), name+"="); ok {
			return strings.Trim(value, `"'`)
		}
	}
	return ""
}

func (c *composition) url() string { return fmt.Sprintf("http://127.0.0.1:%d", c.port) }

func (c *composition) compose(ctx context.Context, arguments ...string) error {
	words := append([]string{"docker", "compose", "-p", c.name}, arguments...)
	fmt.Fprintf(c.log, "$ %s\n", strings.Join(words, " "))
	if err := run(ctx, c.folder, c.environment, c.log, words); err != nil {
		return fmt.Errorf("docker compose %s: %w", arguments[0], err)
	}
	return nil
}

// docker is a command whose output is wanted.
func (c *composition) docker(ctx context.Context, arguments ...string) (string, error) {
	fmt.Fprintf(c.log, "$ docker %s\n", strings.Join(arguments, " "))
	out, err := output(ctx, c.folder, c.environment, append([]string{"docker"}, arguments...)...)
	fmt.Fprintln(c.log, out)
	return out, err
}

// up starts everything and waits until it is healthy. What the containers say is logged when they are not.
func (c *composition) up(ctx context.Context, arguments ...string) error {
	err := c.compose(ctx, append([]string{"up", "--detach", "--wait"}, arguments...)...)
	if err != nil {
		err = errors.Join(err, c.compose(context.WithoutCancel(ctx), "logs", "--no-color", "--tail", "30"))
	}
	return err
}

// remove takes away all that the run made: containers, volumes, networks and images.
func (c *composition) remove(ctx context.Context) error {
	err := c.compose(ctx, "down", "--volumes", "--remove-orphans", "--timeout", "15")
	project, loadErr := loadCompose(ctx, c.folder)
	if loadErr != nil {
		return err // told by its own step; nothing can have been built then
	}
	for _, service := range project.Services {
		if service.Build != nil && service.Image != "" {
			_, _ = c.docker(ctx, "image", "rm", service.Image) // the second service of an image finds it gone
		}
	}
	return err
}

// serving is the id of the container that serves on the published port.
func (c *composition) serving(ctx context.Context) (string, error) {
	id, err := c.docker(ctx, "ps", "--quiet", "--no-trunc", "--filter", "label=com.docker.compose.project="+c.name, "--filter", fmt.Sprintf("publish=%d", c.port))
	if err != nil {
		return "", err
	}
	if id == "" || strings.Contains(id, "\n") {
		return "", fmt.Errorf("there is not one container that serves port %d, but %q", c.port, id)
	}
	return id, nil
}

// waitReady polls /readyz.
func (c *composition) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	for {
		status, _, err := c.call(ctx, http.MethodGet, "/readyz", "", nil)
		if err == nil && status == http.StatusOK {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the service did not become ready again: status %d, %w", status, err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (c *composition) call(ctx context.Context, method, path, token string, body any) (int, map[string]any, error) {
	var reader io.Reader
	if body != nil {
		content, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		reader = bytes.NewReader(content)
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, c.url()+path, reader)
	if err != nil {
		return 0, nil, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	var answer map[string]any
	err = json.NewDecoder(response.Body).Decode(&answer)
	return response.StatusCode, answer, err
}

// expect is call with one status that is right.
func (c *composition) expect(ctx context.Context, want int, method, path, token string, body any) (map[string]any, error) {
	status, answer, err := c.call(ctx, method, path, token, body)
	if status != want {
		return nil, errors.Join(fmt.Errorf("%s %s: status %d, want %d: %v", method, path, status, want, answer), err)
	}
	return answer, err
}

// example is a value of a field as JSON.
func example(f generator.Field) any {
	if len(f.Values) > 0 {
		return f.Values[0]
	}
	return map[string]any{
		"string": "Example", "text": "A longer text,\non two lines.", "integer": 42, "float": 1.5, "decimal": "12.50", "boolean": true,
		"date": "2026-11-20", "datetime": "2026-11-20T10:23:00.123Z", "uuid": "0198c5a0-7c3e-7000-8000-000000000001",
	}[f.Type]
}

// records are what keepData has put into the service, by path.
type records struct {
	password string
	email    string
	kept     map[string]map[string]any
}

// fill makes an account and a record of each resource.
func (c *composition) fill(ctx context.Context, resources []generator.Resource) (*records, error) {
	r := &records{email: "kept@example.com", password: "correct horse battery", kept: map[string]map[string]any{}}
	account := map[string]string{"email": r.email, "password": r.password}
	if _, err := c.expect(ctx, http.StatusCreated, http.MethodPost, "/api/v1/auth/register", "", account); err != nil {
		return nil, err
	}
	token, err := c.login(ctx, r)
	if err != nil {
		return nil, err
	}
	for _, resource := range resources {
		body := map[string]any{}
		for _, f := range resource.Fields {
			body[f.Name] = example(f)
		}
		path := "/api/v1/" + resource.Path()
		record, err := c.expect(ctx, http.StatusCreated, http.MethodPost, path, token, body)
		if err != nil {
			return nil, err
		}
		r.kept[path+"/"+fmt.Sprint(record["id"])] = record
	}
	return r, nil
}

func (c *composition) login(ctx context.Context, r *records) (string, error) {
	answer, err := c.expect(ctx, http.StatusOK, http.MethodPost, "/api/v1/auth/login", "", map[string]string{"email": r.email, "password": r.password})
	if err != nil {
		return "", err
	}
	token, _ := answer["access_token"].(string)
	return token, nil
}

// still checks that the account and the records are there, unchanged.
func (c *composition) still(ctx context.Context, r *records) error {
	token, err := c.login(ctx, r)
	if err != nil {
		return err
	}
	for path, want := range r.kept {
		got, err := c.expect(ctx, http.StatusOK, http.MethodGet, path, token, nil)
		if err != nil {
			return err
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			return fmt.Errorf("GET %s: %v, but it was %v", path, got, want)
		}
	}
	return nil
}

// surviveRestarts checks that the data is still there after a restart, and after down and up.
func (c *composition) surviveRestarts(ctx context.Context, resources []generator.Resource) error {
	kept, err := c.fill(ctx, resources)
	if err != nil {
		return err
	}
	for _, again := range []struct {
		what string
		do   func() error
	}{
		{"docker compose restart", func() error { return c.compose(ctx, "restart") }},
		{"docker compose down and up", func() error { return errors.Join(c.compose(ctx, "down"), c.up(ctx)) }},
	} {
		if err := again.do(); err != nil {
			return err
		}
		if err := errors.Join(c.waitReady(ctx), c.still(ctx, kept)); err != nil {
			return fmt.Errorf("after %s: %w", again.what, err)
		}
	}
	return nil
}

// inspected is what `docker inspect` says of a container, as far as it matters here.
type inspected struct {
	Image  string // the image's id
	Config struct {
		Image string
		User  string
	}
	HostConfig struct {
		ReadonlyRootfs bool
		CapDrop        []string
		SecurityOpt    []string
	}
	State struct {
		StartedAt time.Time
		ExitCode  int
	}
}

func (c *composition) inspect(ctx context.Context, id string) (inspected, error) {
	var all []inspected
	out, err := output(ctx, c.folder, c.environment, "docker", "inspect", id)
	if err == nil {
		err = json.Unmarshal([]byte(out), &all)
	}
	if err != nil || len(all) != 1 {
		return inspected{}, errors.Join(fmt.Errorf("docker inspect %s", id), err)
	}
	return all[0], nil
}

var notRoot = regexp.MustCompile(`^[1-9][0-9]*(:[0-9]+)?$`)

// harden checks what the contract says of the container, measures its image and its start, and that
// SIGTERM ends it as it should. It fills in m.
func (c *composition) harden(ctx context.Context, m *container) error {
	id, err := c.serving(ctx)
	if err != nil {
		return err
	}
	state, err := c.inspect(ctx, id)
	if err != nil {
		return err
	}
	var errs []error
	if m.User = state.Config.User; !notRoot.MatchString(m.User) {
		errs = append(errs, fmt.Errorf("the image's user is %q, not a number other than 0", m.User))
	}
	if !state.HostConfig.ReadonlyRootfs {
		errs = append(errs, errors.New("the container's root file system is not read-only"))
	}
	if !contains(state.HostConfig.CapDrop, "ALL") {
		errs = append(errs, errors.New("the container keeps capabilities"))
	}
	errs = append(errs, c.measureImage(ctx, state.Image, m), c.measureStart(ctx, id, m))
	return errors.Join(errs...)
}

// measureImage fills in the sizes of the image and of its base.
func (c *composition) measureImage(ctx context.Context, image string, m *container) error {
	size, err := c.imageSize(ctx, image)
	if err != nil {
		return err
	}
	m.Size = size
	dockerfile, err := os.ReadFile(filepath.Join(c.folder, "Dockerfile"))
	if err != nil {
		return err
	}
	bases, err := baseImages(dockerfile)
	if err != nil {
		return fmt.Errorf("Dockerfile: %w", err)
	}
	m.Base = bases[len(bases)-1]
	if m.Base == "scratch" {
		return nil
	}
	if m.BaseSize, err = c.imageSize(ctx, m.Base); err == nil {
		return nil
	}
	// BuildKit keeps the base to itself. Where it cannot be pulled either, its size stays unknown.
	if _, pullErr := c.docker(ctx, "pull", "--quiet", m.Base); pullErr == nil {
		m.BaseSize, err = c.imageSize(ctx, m.Base)
		return err
	}
	return nil
}

func (c *composition) imageSize(ctx context.Context, image string) (size int64, err error) {
	out, err := c.docker(ctx, "image", "inspect", "--format", "{{.Size}}", image)
	if err == nil {
		_, err = fmt.Sscan(out, &size)
	}
	return size, err
}

// measureStart stops the service and starts it again, with the database up all the while, and looks at the memory that it takes.
func (c *composition) measureStart(ctx context.Context, id string, m *container) error {
	if _, err := c.docker(ctx, "stop", "--time", "15", id); err != nil {
		return err
	}
	state, err := c.inspect(ctx, id)
	if err != nil {
		return err
	}
	if code := state.State.ExitCode; code != 0 && code != 143 {
		return fmt.Errorf("SIGTERM ended the container with exit code %d, want 0 (or 143)", code)
	}
	if _, err := c.docker(ctx, "start", id); err != nil {
		return err
	}
	if err := c.waitReady(ctx); err != nil {
		return err
	}
	ready := time.Now()
	if state, err = c.inspect(ctx, id); err != nil {
		return err
	}
	m.StartedMS = max(1, ready.Sub(state.State.StartedAt).Milliseconds())
	used, err := c.docker(ctx, "stats", "--no-stream", "--format", "{{.MemUsage}}", id)
	if err != nil {
		return err
	}
	used, _, _ = strings.Cut(used, " /") // of what it may take
	m.Memory, err = units.RAMInBytes(used)
	return err
}

// localImages are those of the composition, and the base, that came from no registry: they have no digest.
func (c *composition) localImages(ctx context.Context) ([]string, error) {
	project, err := loadCompose(ctx, c.folder)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, service := range project.Services {
		if service.Build == nil {
			names = append(names, service.Image)
		}
	}
	dockerfile, err := os.ReadFile(filepath.Join(c.folder, "Dockerfile"))
	if err != nil {
		return nil, err
	}
	bases, err := baseImages(dockerfile)
	if err != nil {
		return nil, err
	}
	var local []string
	for _, name := range append(names, bases...) {
		out, err := c.docker(ctx, "image", "inspect", "--format", "{{len .RepoDigests}}", name)
		if err == nil && out == "0" {
			local = append(local, name)
		}
	}
	slices.Sort(local)
	return slices.Compact(local), nil
}
