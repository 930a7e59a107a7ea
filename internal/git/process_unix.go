//go:build unix

package git

import (
	"os/exec"
	"syscall"
)

// apart keeps a terminal's Ctrl-C from git: it comes to us, and we end git, so that there is one order in
// which things stop.
func apart(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
}
