//go:build !linux && !darwin

package conformance

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
)

const signals = false // checks that send signals are skipped

func ownGroup(*exec.Cmd) {}

func killGroup(process *os.Process) { _ = process.Kill() }

func (i *instance) reap() { _ = i.command.Wait() }

func terminate(*os.Process) error { return errors.ErrUnsupported }

func interrupt(*os.Process) error { return errors.ErrUnsupported }

func signalOf(*os.ProcessState) int { return 0 }

func absolute(path string) (string, error) { return filepath.Abs(path) }
