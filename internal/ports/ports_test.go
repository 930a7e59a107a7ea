package ports

import (
	"net"
	"strconv"
	"testing"
)

// Two programs that verify at once would otherwise give their services the same port now and then.
func TestFree(t *testing.T) {
	t.Parallel()
	seen := map[int]bool{}
	for range 50 {
		number, err := Free()
		if err != nil {
			t.Fatal(err)
		}
		if seen[number] || number < first || number > last {
			t.Errorf("port %d, after %d others", number, len(seen))
		}
		seen[number] = true
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(number))
		if other, err := net.ListenPacket("udp", address); err == nil {
			_ = other.Close()
			t.Errorf("another program would be given port %d as well", number)
		}
		listener, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal("the service cannot listen:", err)
		}
		_ = listener.Close()
	}
}
