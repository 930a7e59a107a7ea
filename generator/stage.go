package generator

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

// A stage is a folder that a project is made in before anything of it can be seen. Beside it lies a
// lock, held while its maker lives: a later run removes a stage whose lock nobody holds.
type stage struct {
	folder string // .backlot-X
	lock   *flock.Flock
}

const stagePrefix = ".backlot-"

var stageName = lazyRegexp(`^(\.backlot-[A-Z2-7]{26})(\.lock)?$`)

// newStage makes a stage in a folder, and removes those that dead runs left there.
func newStage(in string) (*stage, error) {
	removeAbandoned(in)
	for range 10 {
		folder := filepath.Join(in, stagePrefix+rand.Text())
		lock := flock.New(folder + ".lock")
		locked, err := lock.TryLock()
		_, gone := os.Lstat(lock.Path())
		switch {
		case err != nil && gone != nil:
			return nil, stageError(in, err)
		case err == nil && (!locked || gone != nil):
			// A run that cleans up has taken the lock between its making and its locking.
			_ = lock.Close()
			continue
		}
		// Some file systems have no locks. Nobody can lock such a stage, so nobody will remove it either.
		s := &stage{folder, lock}
		if err := os.Mkdir(folder, 0o777); err != nil {
			s.remove()
			return nil, stageError(in, err)
		}
		return s, nil
	}
	return nil, fmt.Errorf("%s: no stage could be locked", printable(in))
}

// stageError speaks of the folder that the user knows, not of the stage.
func stageError(in string, err error) error {
	if cause, ok := errors.AsType[*fs.PathError](err); ok {
		err = cause.Err
	}
	return fmt.Errorf("%s: nothing can be made there: %w", printable(in), err)
}

// abandon gives up the lock alone, and with it the stage's name as one that a later run may remove.
func (s *stage) abandon() {
	_ = s.lock.Close()
	_ = os.Remove(s.lock.Path())
}

// remove takes away the stage and its lock.
func (s *stage) remove() {
	_ = os.RemoveAll(s.folder)
	s.abandon()
}

// removeAbandoned removes the stages of runs that were killed. It fails in silence: it is a courtesy.
func removeAbandoned(in string) {
	entries, err := os.ReadDir(in)
	if err != nil {
		return
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), stagePrefix) {
			continue
		}
		m := stageName().FindStringSubmatch(entry.Name())
		if m == nil || m[2] == "" || !entry.Type().IsRegular() {
			continue
		}
		s := &stage{filepath.Join(in, m[1]), flock.New(filepath.Join(in, entry.Name()))}
		if locked, err := s.lock.TryLock(); err != nil || !locked {
			continue
		}
		info, err := os.Lstat(s.folder)
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir() {
			s.remove()
		} else {
			_ = s.lock.Close()
		}
	}
}
