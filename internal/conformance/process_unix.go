//go:build unix

package conformance

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

const signals = true

// ownGroup gives a command a process group of its own, so that nothing it starts outlives the run.
func ownGroup(command *exec.Cmd) { command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func killGroup(process *os.Process) { _ = syscall.Kill(-process.Pid, syscall.SIGKILL) }

func terminate(process *os.Process) error { return process.Signal(syscall.SIGTERM) }

func interrupt(process *os.Process) error { return process.Signal(syscall.SIGINT) }

// signalOf is the signal that ended a process, 0 when none did.
func signalOf(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return int(status.Signal())
	}
	return 0
}

func absolute(path string) (string, error) { return filepath.Abs(path) }
