package api

import (
	"net/netip"
	"sync"
	"time"
)

// maxWindows bounds the memory that the attempts of many clients may take.
const maxWindows = 100_000

type window struct {
	end   time.Time
	count int
}

// rateLimit counts attempts per key and minute.
type rateLimit struct {
	mutex   sync.Mutex
	windows map[string]window
	now     func() time.Time
}

func newRateLimit() *rateLimit {
	return &rateLimit{windows: map[string]window{}, now: time.Now}
}

// take counts an attempt; over the limit it returns how long to wait.
func (l *rateLimit) take(key string, limit int) time.Duration {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	now := l.now()
	current, known := l.windows[key]
	if !known && len(l.windows) >= maxWindows {
		l.shrink(now)
	}
	if !known || !now.Before(current.end) {
		current = window{end: now.Add(time.Minute)}
	}
	if current.count >= limit {
		return current.end.Sub(now)
	}
	current.count++
	l.windows[key] = current
	return 0
}

// giveBack takes back an attempt that does not count after all.
func (l *rateLimit) giveBack(key string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if current, known := l.windows[key]; known && current.count > 0 {
		current.count--
		l.windows[key] = current
	}
}

// shrink drops what is over, and if that is too little, some of the rest.
func (l *rateLimit) shrink(now time.Time) {
	for key, current := range l.windows {
		if !now.Before(current.end) {
			delete(l.windows, key)
		}
	}
	for key := range l.windows {
		if len(l.windows) < maxWindows*9/10 {
			return
		}
		delete(l.windows, key)
	}
}

// network is what counts as one client: with IPv6, everybody has at least a /64.
func network(address netip.Addr) string {
	if address.Is6() {
		if prefix, err := address.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return address.String()
}
