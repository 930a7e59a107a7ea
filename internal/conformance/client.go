package conformance

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
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// call is one request.
type call struct {
	method string
	path   string // with the query, sent as it stands
	as     *account
	token  string // a token that belongs to no account, instead of as
	body   string
	media  string // Content-Type; with a body "" means application/json and "-" none
	header map[string]string
	on     *instance // nil means the main one

	empty   bool          // send a body of no bytes, with its Content-Type
	chunked bool          // send the body without its length
	limited bool          // 429 is an answer to look at, not one to wait for
	within  time.Duration // wait no longer for the answer
	byHand  bool          // a request that the HTTP server may refuse before the framework sees it
	unsent  int           // how often a connection was closed before the request was sent
}

// answer is what came back.
type answer struct {
	call   call
	status int
	header http.Header
	body   []byte
	err    error
	took   time.Duration
}

var transport = &http.Transport{
	DisableCompression:    true,
	MaxIdleConnsPerHost:   32,
	IdleConnTimeout:       2 * time.Second, // before any server closes it, so that no POST meets a closed connection
	DialContext:           (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
	ResponseHeaderTimeout: 30 * time.Second,
	ExpectContinueTimeout: time.Second,
}

const answerLimit = 8 << 20

// closedIdle is how net/http names a connection that the server closed before the request was sent.
const closedIdle = "server closed idle connection"

// send makes one request, without redirects, and holds the answer against what must be true of every answer. It is
// sent again only when it never was, as the server had closed an idle connection, which it may at any time.
func (s *suite) send(ctx context.Context, c call) *answer {
	a := &answer{call: c}
	if c.within > 0 {
		limited, cancel := context.WithTimeout(ctx, c.within)
		defer cancel()
		ctx = limited
	}
	on := c.on
	if on == nil {
		on = s.main
	}
	base, err := url.Parse(on.base)
	if err != nil {
		a.err = err
		return a
	}
	var body io.Reader
	if c.body != "" || c.empty {
		body = strings.NewReader(c.body)
		if c.chunked {
			body = struct{ io.Reader }{body} // hides the length
		}
	}
	request, err := http.NewRequestWithContext(ctx, c.method, on.base, body)
	if err != nil {
		a.err = err
		return a
	}
	// Opaque sends the path byte for byte; a parsed path would be cleaned.
	request.URL = &url.URL{Scheme: base.Scheme, Host: base.Host, Opaque: base.EscapedPath() + c.path}
	request.Header.Set("User-Agent", "backlot-verify")
	if body != nil && c.media != "-" {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.media != "" && c.media != "-" {
		request.Header.Set("Content-Type", c.media)
	}
	if c.as != nil {
		request.Header.Set("Authorization", "Bearer "+c.as.token)
	} else if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	for name, value := range c.header {
		request.Header[http.CanonicalHeaderKey(name)] = []string{value}
	}
	started := time.Now()
	response, err := transport.RoundTrip(request)
	if err != nil && strings.HasSuffix(err.Error(), closedIdle) && c.unsent < 3 && ctx.Err() == nil {
		c.unsent++
		return s.send(ctx, c)
	}
	if err != nil {
		a.err = err
		return a
	}
	defer response.Body.Close()
	a.status, a.header = response.StatusCode, response.Header
	a.body, a.err = io.ReadAll(io.LimitReader(response.Body, answerLimit))
	if a.err != nil && len(a.body) > 0 && c.byHand {
		a.err = nil
	}
	a.took = time.Since(started)
	if a.err == nil {
		s.traffic.see(a)
	}
	return a
}

// send makes a request. Where a rate limit that the suite does not control is used up, it waits once in the whole run.
func (p *probe) send(c call) *answer {
	a := p.suite.send(p.ctx, c)
	if a.err != nil && (c.on == nil || c.on == p.main) && p.lost() {
		p.fatal("%s\nexpected the service to be there\ngot %s; it is no longer there%s", c, a, p.lastWords())
	}
	if a.err == nil && a.status == http.StatusTooManyRequests && !c.limited && c.on == nil {
		wait, err := strconv.Atoi(a.header.Get("Retry-After"))
		if err != nil || wait > 65 || !p.waited.CompareAndSwap(false, true) {
			p.skip("the service's AUTH_RATE_LIMIT is used up (429); start it with a higher one, or let the suite start it")
		}
		p.note("waited %d s, as the service's AUTH_RATE_LIMIT was used up", wait)
		p.pause(time.Duration(wait)*time.Second + 200*time.Millisecond)
		if a = p.suite.send(p.ctx, c); a.err == nil && a.status == http.StatusTooManyRequests {
			p.skip("the service's AUTH_RATE_LIMIT is used up (429) even after Retry-After")
		}
	}
	return a
}

// lost tells whether no connection to the main instance can be made any more. One clear failure is better then than one
// of every check.
func (p *probe) lost() bool {
	for range 3 {
		if p.sendQuietly(p.ctx, p.main, "/healthz") != 0 {
			return false
		}
		p.pause(300 * time.Millisecond)
	}
	p.gone.Store(true)
	return true
}

// lastWords is how the main instance ended, where the suite started it.
func (p *probe) lastWords() string {
	if p.main.command == nil || !p.main.ended(p.ctx, time.Second) {
		return ""
	}
	return fmt.Sprintf(": exit code %d, %s", p.main.exit, p.main.output())
}

// pause waits, but not longer than the run lasts.
func (p *probe) pause(d time.Duration) {
	select {
	case <-time.After(d):
	case <-p.ctx.Done():
	}
}

func (p *probe) get(as *account, path string) *answer {
	return p.send(call{method: http.MethodGet, path: path, as: as})
}

func (p *probe) post(as *account, path, body string) *answer {
	return p.send(call{method: http.MethodPost, path: path, as: as, body: body})
}

func (p *probe) put(as *account, path, body string) *answer {
	return p.send(call{method: http.MethodPut, path: path, as: as, body: body})
}

func (p *probe) patch(as *account, path, body string) *answer {
	return p.send(call{method: http.MethodPatch, path: path, as: as, body: body})
}

func (p *probe) delete(as *account, path string) *answer {
	return p.send(call{method: http.MethodDelete, path: path, as: as})
}

// together sends all calls at the same moment.
func (p *probe) together(calls []call) []*answer {
	answers := make([]*answer, len(calls))
	begin := make(chan struct{})
	finished := make(chan struct{})
	for i, c := range calls {
		go func() {
			<-begin
			answers[i] = p.suite.send(p.ctx, c)
			finished <- struct{}{}
		}()
	}
	close(begin)
	for range calls {
		<-finished
	}
	return answers
}

// decode reads a JSON value, keeping numbers as they were written.
func decode(body []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	return value, nil
}

// object is the answer's body as a JSON object, or nil.
func (a *answer) object() map[string]any {
	value, err := decode(a.body)
	if err != nil {
		return nil
	}
	object, _ := value.(map[string]any)
	return object
}

// text is a member of the answer's object that is a string.
func (a *answer) text(name string) string {
	text, _ := a.object()[name].(string)
	return text
}

// mediaType is the answer's Content-Type without parameters.
func mediaType(header http.Header) string {
	media, _, _ := strings.Cut(header.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(media))
}

// String is the request in one line, for a person.
func (c call) String() string {
	var b strings.Builder
	b.WriteString(c.method + " " + shown(c.path, 160))
	switch {
	case c.as != nil:
		b.WriteString(" as " + c.as.label)
	case c.token != "":
		b.WriteString(" with token " + shown(c.token, 60))
	}
	for _, name := range sortedKeys(c.header) {
		b.WriteString(" [" + name + ": " + shown(c.header[name], 100) + "]")
	}
	switch {
	case c.media != "" && c.media != "-":
		b.WriteString(" " + shown(c.media, 80))
	case c.media == "-":
		b.WriteString(" without a Content-Type")
	}
	if c.chunked {
		b.WriteString(" chunked")
	}
	if c.body != "" {
		b.WriteString(" " + shown(c.body, 220))
	} else if c.empty {
		b.WriteString(" with an empty body")
	}
	return b.String()
}

// String is the answer in one line, for a person.
func (a *answer) String() string {
	if a.err != nil {
		return "no answer: " + shown(a.err.Error(), 200)
	}
	text := strconv.Itoa(a.status)
	if media := a.header.Get("Content-Type"); media != "" {
		text += " " + shown(media, 60)
	}
	if len(a.body) > 0 {
		text += " " + shown(string(a.body), 300)
	}
	return text
}

// shown is text with control characters escaped, cut to a number of characters: what a service sends must not reach
// the reader's terminal as it stands.
func shown(text string, limit int) string {
	var b strings.Builder
	count := 0
	for i, r := range text {
		if count++; count > limit {
			fmt.Fprintf(&b, "… (%d bytes)", len(text))
			break
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size <= 1:
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
