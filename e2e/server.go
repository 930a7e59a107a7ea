package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/backlot-cli/backlot/generator"
	"github.com/gofrs/flock"
)

// places are what the placeholders of a TestServer's recipe stand for.
type places struct {
	admin  string
	url    *url.URL
	name   string
	number int
}

func newPlaces(admin, name string, number int) (places, error) {
	u, err := url.Parse(admin)
	if err != nil || u.Host == "" {
		return places{}, errors.New("the administrator's URL is no URL with a host") // the error itself would show a password
	}
	return places{admin: admin, url: u, name: name, number: number}, nil
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// value is what a placeholder stands for; an unknown one stands for itself.
func (p places) value(placeholder string, encode func(string) string) string {
	password, _ := p.url.User.Password()
	switch placeholder {
	case "{admin}":
		return p.admin
	case "{host}":
		if host := p.url.Hostname(); encode != nil && strings.Contains(host, ":") {
			return "[" + host + "]"
		}
		return p.url.Hostname()
	case "{port}":
		return p.url.Port()
	case "{user}":
		return encoded(p.url.User.Username(), encode)
	case "{password}":
		return encoded(password, encode)
	case "{query}":
		return p.url.RawQuery
	case "{name}":
		return encoded(p.name, encode)
	case "{number}":
		return fmt.Sprint(p.number)
	}
	return placeholder
}

func encoded(s string, encode func(string) string) string {
	if encode == nil {
		return s
	}
	return encode(s)
}

// percent encodes for any part of a URL.
func percent(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// inURL fills the placeholders of a URL, percent-encoded. What is empty leaves nothing behind: no colon
// without a password or a port, no question mark without a query.
func (p places) inURL(text string) (string, error) {
	filled := placeholder.ReplaceAllStringFunc(text, func(s string) string { return p.value(s, percent) })
	u, err := url.Parse(filled)
	if err != nil {
		return "", errors.New("the recipe's URL is none once it is filled in")
	}
	if password, _ := u.User.Password(); password == "" {
		user := u.User.Username()
		if u.User = nil; user != "" {
			u.User = url.User(user)
		}
	}
	u.Host, u.ForceQuery = strings.TrimSuffix(u.Host, ":"), false
	return u.String(), nil
}

// inCommand fills the placeholders of a command's words, decoded. An option that is only a name and an
// empty placeholder (--port={port}) is left out.
func (p places) inCommand(words []string) []string {
	var argv []string
	for _, word := range words {
		option, place, isOption := strings.Cut(word, "=")
		if isOption && strings.HasPrefix(option, "-") && placeholder.FindString(place) == place && place != "" && p.value(place, nil) == "" {
			continue
		}
		argv = append(argv, placeholder.ReplaceAllStringFunc(word, func(s string) string { return p.value(s, nil) }))
	}
	return argv
}

// A skip says why something was not done; it is no failure.
type skip struct{ reason string }

func (s skip) Error() string { return s.reason }

// onPath is a skip when a command's program is not on this machine. A path inside the project is not
// looked for: it may yet have to be built.
func onPath(words []string) error {
	if strings.ContainsAny(words[0], `/\`) {
		return nil
	}
	if _, err := exec.LookPath(words[0]); err != nil {
		return skip{words[0] + " is not on PATH"}
	}
	return nil
}

// A database is one of our own on a server that the environment names.
type database struct {
	recipe *generator.TestServer
	places places
	number *flock.Flock // held while the number is ours
	URL    string
}

// maxNumber is the last numbered database that a server must have: Redis has sixteen unless told otherwise.
const maxNumber = 15

// takeNumber takes a number that no other cell on this machine has, of this run or of another. It begins
// at the top: people take the low ones by hand.
func takeNumber() (int, *flock.Flock, error) {
	for number := maxNumber; number > 0; number-- {
		lock := flock.New(filepath.Join(os.TempDir(), fmt.Sprintf("backlot-e2e-%d.lock", number)))
		if locked, err := lock.TryLock(); locked || err != nil {
			return number, lock, err
		}
		_ = lock.Close()
	}
	return 0, nil, errors.New("all numbers of databases are taken")
}

// serverReady tells why a server's recipe cannot be followed here: a skip.
func serverReady(recipe *generator.TestServer) error {
	if os.Getenv(recipe.Environment) == "" {
		return skip{recipe.Environment + " is not set: it names the server to test on"}
	}
	for _, words := range append(append([][]string{}, recipe.Create...), recipe.Drop...) {
		if err := onPath(words); err != nil {
			return err
		}
	}
	return nil
}

// makeDatabase makes a database on the server. What a run that was killed left under the name goes first.
func makeDatabase(ctx context.Context, recipe *generator.TestServer, name string, log io.Writer) (*database, error) {
	if err := serverReady(recipe); err != nil {
		return nil, err
	}
	number, lock, err := takeNumber()
	if err != nil {
		return nil, err
	}
	p, err := newPlaces(os.Getenv(recipe.Environment), name, number)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", recipe.Environment, err), lock.Close())
	}
	d := &database{recipe: recipe, places: p, number: lock}
	if d.URL, err = p.inURL(recipe.URL); err == nil {
		err = d.run(ctx, recipe.Drop, log)
	}
	if err == nil {
		err = d.run(ctx, recipe.Create, log)
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return d, nil
}

func (d *database) run(ctx context.Context, commands [][]string, log io.Writer) error {
	for _, words := range commands {
		fmt.Fprintf(log, "$ %s\n", strings.Join(words, " ")) // unfilled: no password in a log
		if err := run(ctx, "", os.Environ(), log, d.places.inCommand(words)); err != nil {
			return fmt.Errorf("%s: %w", words[0], err)
		}
	}
	return nil
}

func (d *database) drop(ctx context.Context, log io.Writer) error {
	return errors.Join(d.run(ctx, d.recipe.Drop, log), d.number.Close())
}

const unknown = "unknown"

// serverVersion asks a server what it is. Where its recipe has no command for that, the environment may
// tell: for a URL in X_URL, X_SERVER.
func serverVersion(ctx context.Context, recipe *generator.TestServer, admin string) string {
	if len(recipe.Version) == 0 || onPath(recipe.Version) != nil {
		return unknown
	}
	p, err := newPlaces(admin, "", 1)
	if err != nil {
		return unknown
	}
	var out strings.Builder
	if err := run(ctx, "", os.Environ(), &out, p.inCommand(recipe.Version)); err != nil {
		return unknown
	}
	return cmp.Or(firstLine(out.String()), unknown)
}

// testServerVersion is serverVersion of the server in the environment.
func testServerVersion(ctx context.Context, recipe *generator.TestServer) string {
	admin := os.Getenv(recipe.Environment)
	if admin == "" {
		return ""
	}
	version := serverVersion(ctx, recipe, admin)
	variable := strings.TrimSuffix(recipe.Environment, "_URL") + "_SERVER"
	if told := os.Getenv(variable); version == unknown && told != "" {
		return told + " (as " + variable + " says)"
	}
	return version
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	if line = strings.TrimSpace(line); len(line) > 80 {
		line = line[:80]
	}
	return line
}
