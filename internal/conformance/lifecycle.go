package conformance

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

// Each check ends an instance that others have used, and so has no start of its own to wait for. The longest comes first.
var lifecycleChecks = []check{
	{id: "lifecycle.bounded", title: "A request that never ends holds up the end for 10 s at most.", needs: needsService, phase: ending, run: func(p *probe) { shutdownStalled(p, watched) }},
	{id: "lifecycle.in_flight", title: "On SIGTERM no new work is taken, requests in flight finish, and the exit code is 0 (or 143).", needs: needsService, phase: ending, run: func(p *probe) { shutdown(p, quiet, terminate, false) }},
	{id: "lifecycle.second_signal", title: "A second signal changes nothing.", needs: needsService, phase: ending, run: func(p *probe) { shutdown(p, behindProxy, terminate, true) }},
	{id: "lifecycle.interrupt", title: "SIGINT does the same as SIGTERM.", needs: needsService, phase: ending, run: func(p *probe) { shutdown(p, production, interrupt, false) }},
	{id: "lifecycle.idle", title: "Idle connections do not hold up the end.", needs: needsService, phase: ending, run: func(p *probe) { shutdownIdle(p, closed) }},
}

// upload is a request of which only the first part was sent.
type upload struct {
	connection net.Conn
	rest       string
}

// beginUpload sends a request but for the second half of its body: it is in flight for as long as we like.
func (p *probe) beginUpload(on *instance, method, path string, as *account, body string) *upload {
	connection, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", on.port), 5*time.Second)
	if err != nil {
		p.fatal("%v", err)
	}
	_ = connection.SetDeadline(time.Now().Add(30 * time.Second))
	half := len(body) / 2
	authorization := ""
	if as != nil {
		authorization = "Authorization: Bearer " + as.token + "\r\n"
	}
	_, err = fmt.Fprintf(connection, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", method, path, on.port, authorization, len(body), body[:half])
	if err != nil {
		p.fatal("%v", err)
	}
	return &upload{connection, body[half:]}
}

// finish sends the rest and reads the answer.
func (u *upload) finish() (int, error) {
	defer u.connection.Close()
	if _, err := io.WriteString(u.connection, u.rest); err != nil {
		return 0, err
	}
	response, err := http.ReadResponse(bufio.NewReader(u.connection), nil)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}

// begun is after how long the service has surely begun with a request, on a busy machine too.
const begun = time.Second

// goodExit tells the codes of an orderly end: 0, or what a runtime insists on (128 and the signal's number).
func goodExit(code int) bool { return code == 0 || code == 143 || code == 130 }

func shutdown(p *probe, with settings, signal func(*os.Process) error, twice bool) {
	if !signals {
		p.skip("this system has no such signals")
	}
	user := p.user(0)
	on := p.among(with)
	// One request waits for its body; the others compute hashes when the signal comes.
	path, body, wanted := "/api/v1/auth/register", credentials(p.newEmail(), p.newPassword()), http.StatusCreated
	as := (*account)(nil)
	if len(p.resources) > 0 {
		r := p.resources[0]
		p.room(user, r)
		as, path, body = user, r.path, p.values(r).json()
	}
	upload := p.beginUpload(on, http.MethodPost, path, as, body)
	p.pause(begun)
	if err := signal(on.command.Process); err != nil {
		p.fatal("%v", err)
	}
	signalled := time.Now()
	p.pause(300 * time.Millisecond)
	if twice {
		_ = signal(on.command.Process)
		p.pause(100 * time.Millisecond)
		_ = terminate(on.command.Process)
		p.pause(200 * time.Millisecond)
	}
	select {
	case <-on.done:
		p.fail("signal while POST %s is in flight\nexpected it to finish first\ngot exit code %d after %s: %s", path, on.exit, time.Since(signalled).Round(10*time.Millisecond), on.output())
		return
	default:
	}
	// A busy machine may take a moment to tell the service.
	status := p.sendQuietly(p.ctx, on, "/readyz")
	for deadline := time.Now().Add(3 * time.Second); status == http.StatusOK && time.Now().Before(deadline); p.pause(100 * time.Millisecond) {
		status = p.sendQuietly(p.ctx, on, "/readyz")
	}
	if status != 0 && status != http.StatusServiceUnavailable {
		p.fail("GET /readyz after the signal\nexpected 503, or no connection\ngot %d", status)
	}
	if status, err := upload.finish(); err != nil || status != wanted {
		p.fail("POST %s, whose body ended after the signal\nexpected %d\ngot %d, error %v; log: %s", path, wanted, status, err, on.output())
	}
	p.endsWell(on, signalled)
}

func (p *probe) endsWell(on *instance, signalled time.Time) {
	if !on.ended(p.ctx, stopTime-time.Since(signalled)) {
		p.fail("signal\nexpected the process to end, after 10 s at most\ngot one that runs after %s", time.Since(signalled).Round(time.Second))
		return
	}
	if !goodExit(on.exit) {
		p.fail("signal\nexpected exit code 0 (or 143 where the runtime insists)\ngot %d: %s", on.exit, on.output())
	}
}

func shutdownIdle(p *probe, with settings) {
	if !signals {
		p.skip("this system has no such signals")
	}
	on := p.among(with)
	var connections []net.Conn
	for range 3 {
		connection, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", on.port), 5*time.Second)
		if err != nil {
			p.fatal("%v", err)
		}
		defer connection.Close()
		connections = append(connections, connection)
	}
	for _, connection := range connections[:2] { // two were used and are kept alive, one never was
		fmt.Fprintf(connection, "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", on.port)
		_ = connection.SetReadDeadline(time.Now().Add(5 * time.Second))
		response, err := http.ReadResponse(bufio.NewReader(connection), nil)
		if err != nil || response.StatusCode != http.StatusOK {
			p.fatal("GET /healthz\nexpected 200\ngot %v", err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
	if err := terminate(on.command.Process); err != nil {
		p.fatal("%v", err)
	}
	signalled := time.Now()
	p.endsWell(on, signalled)
	if took := time.Since(signalled); len(p.faults) == 0 && took > 8*time.Second {
		p.fail("SIGTERM with idle connections only\nexpected a prompt end, as no request is in flight\ngot %s", took.Round(time.Second/10))
	}
}

func shutdownStalled(p *probe, with settings) {
	if !signals {
		p.skip("this system has no such signals")
	}
	on := p.among(with)
	upload := p.beginUpload(on, http.MethodPost, "/api/v1/auth/login", nil, credentials(p.newEmail(), p.newPassword()))
	defer upload.connection.Close()
	p.pause(begun)
	if err := terminate(on.command.Process); err != nil {
		p.fatal("%v", err)
	}
	p.endsWell(on, time.Now())
}
