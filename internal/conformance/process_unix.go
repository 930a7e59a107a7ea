//go:build linux || darwin

package conformance

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"unsafe"
)

const signals = true

// ownGroup gives a command a process group of its own, so that nothing it starts outlives the run.
func ownGroup(command *exec.Cmd) { command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func killGroup(process *os.Process) { _ = syscall.Kill(-process.Pid, syscall.SIGKILL) }

// reap waits for the process to end, ends what it left behind in its group, and only then takes its exit code. In this
// order the number of the group cannot have been given to processes of others: it is free again when the process has
// been waited for, and not before.
func (i *instance) reap() {
	const byPID = 1
	var information [128]byte
	for {
		_, _, fault := syscall.Syscall6(syscall.SYS_WAITID, byPID, uintptr(i.command.Process.Pid), uintptr(unsafe.Pointer(&information)), syscall.WEXITED|syscall.WNOWAIT, 0, 0)
		if fault != syscall.EINTR {
			break
		}
	}
	i.mutex.Lock()
	defer i.mutex.Unlock()
	killGroup(i.command.Process)
	_ = i.command.Wait()
	i.reaped = true
}

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
