// Package ports gives out TCP ports for servers that will listen a while later, such as services that are still starting.
//
// Who gives out a TCP port keeps the UDP port of the same number until the process ends, so no two programs that use
// this package give out the same one. All are below the ports that systems give to outgoing connections (Linux: 32768 and
// above), one of which would otherwise take a port between the choice and its use.
package ports

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
)

const (
	first = 10_000
	last  = 32_700
)

var (
	mutex sync.Mutex
	given []net.PacketConn // kept until this process ends
)

// Free finds a port of the loopback interface that no one listens on and that was not given out before. It fails when
// 1000 ports in a row are taken.
func Free() (int, error) {
	for range 1000 {
		number := first + rand.IntN(last-first+1)
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(number))
		kept, err := net.ListenPacket("udp", address)
		if err != nil {
			continue // it is given
		}
		listener, err := net.Listen("tcp", address)
		if err != nil {
			_ = kept.Close()
			continue // it is taken
		}
		_ = listener.Close()
		mutex.Lock()
		given = append(given, kept)
		mutex.Unlock()
		return number, nil
	}
	return 0, errors.New("no free port was found")
}
