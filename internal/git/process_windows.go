package git

import (
	"os/exec"
	"syscall"
)

// apart keeps a console's Ctrl-C from git: it comes to us, and we end git, so that there is one order in
// which things stop.
func apart(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}
