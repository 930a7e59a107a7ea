package conformance

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// account is a user that the suite made.
type account struct {
	label    string // in details: "user 1"
	id       string
	email    string
	password string
	token    string
	answer   string // what register answered
}

// pool lends accounts. Hashing passwords is slow by design and attempts are limited, so accounts are made once and
// used again; a check has those it borrowed to itself.
type pool struct {
	mutex sync.Mutex
	size  int
	made  int
	idle  chan *account
}

func newPool(size int) *pool { return &pool{size: size, idle: make(chan *account, size)} }

func (p *pool) giveBack(a *account) { p.idle <- a }

// user is the check's own account number i, from 0; a check has two at most.
func (p *probe) user(i int) *account {
	for len(p.borrowed) <= i {
		p.borrowed = append(p.borrowed, p.borrow())
	}
	return p.borrowed[i]
}

func (p *probe) borrow() *account {
	select {
	case a := <-p.pool.idle:
		return a
	default:
	}
	p.pool.mutex.Lock()
	number := p.pool.made + 1
	grow := number <= p.pool.size
	if grow {
		p.pool.made = number
	}
	p.pool.mutex.Unlock()
	if !grow {
		select {
		case a := <-p.pool.idle:
			return a
		case <-p.ctx.Done():
			p.skip("the run was interrupted")
		}
	}
	made := false
	defer func() { // a check that failed here must not take the place with it
		if !made {
			p.pool.mutex.Lock()
			p.pool.made--
			p.pool.mutex.Unlock()
		}
	}()
	a := p.newAccount(fmt.Sprintf("user %d", number))
	made = true
	return a
}

// newAccount registers an account and logs in.
func (p *probe) newAccount(label string) *account {
	a := &account{label: label, email: p.newEmail(), password: p.newPassword()}
	answer := p.register(a.email, a.password)
	if !p.status(answer, http.StatusCreated) {
		p.fatal("no account could be made for this check")
	}
	a.id, a.answer = answer.text("id"), string(answer.body)
	answer = p.login(a.email, a.password)
	if !p.status(answer, http.StatusOK) {
		p.fatal("no account could be made for this check")
	}
	a.token = answer.text("access_token")
	return a
}

// newEmail draws an address that no one has.
func (p *probe) newEmail() string {
	email := fmt.Sprintf("user-%s-%d@example.com", strings.ToLower(p.salt), p.next())
	p.keepPrivate("an e-mail address", email)
	return email
}

// newPassword draws a password.
func (p *probe) newPassword() string {
	password := "pass phrase " + randomText(16)
	p.keepPrivate("a password", password)
	return password
}

// credentials is the body of register and login.
func credentials(email, password string) string {
	return `{"email":` + quote(email) + `,"password":` + quote(password) + `}`
}

func (p *probe) register(email, password string) *answer {
	return p.post(nil, "/api/v1/auth/register", credentials(email, password))
}

func (p *probe) login(email, password string) *answer {
	a := p.post(nil, "/api/v1/auth/login", credentials(email, password))
	p.keepToken(a)
	return a
}

// keepToken notes that an answer's token must be in no log.
func (p *probe) keepToken(a *answer) {
	if token := a.text("access_token"); token != "" {
		p.keepPrivate("a token", token)
		p.keepPrivate("a token's signature", token[strings.LastIndexByte(token, '.')+1:])
	}
}

const letters = "ABCDEFGHJKMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"

// randomText draws letters and digits.
func randomText(length int) string {
	bytes := make([]byte, length)
	_, _ = rand.Read(bytes) // never fails, by its documentation
	for i, b := range bytes {
		bytes[i] = letters[int(b)%len(letters)]
	}
	return string(bytes)
}
