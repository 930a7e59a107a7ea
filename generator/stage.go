package generator

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/gofrs/flock"
)

// A stage is a folder that a project is made in before anything of it can be seen. Beside it lies a
// lock, held while its maker lives: a later run removes a stage whose lock nobody holds.
type stage struct {
	folder string // .backlot-X
	lock   *flock.Flock
}

var stageLock = regexp.MustCompile(`^(\.backlot-[A-Z2-7]{26})\.lock$`)

// newStage makes a stage in a folder, and removes those that dead runs left there.
func newStage(in string) (*stage, error) {
	removeAbandoned(in)
	for range 10 {
		folder := filepath.Join(in, ".backlot-"+rand.Text())
		lock := flock.New(folder + ".lock")
		locked, err := lock.TryLock()
		if err != nil {
			return nil, err
		}
		// A run that cleans up may have taken the lock between its making and its locking.
		if _, err := os.Lstat(lock.Path()); !locked || err != nil {
			_ = lock.Close()
			continue
		}
		s := &stage{folder, lock}
		if err := os.Mkdir(folder, 0o777); err != nil {
			s.remove()
			return nil, err
		}
		return s, nil
	}
	return nil, fmt.Errorf("%s: no stage could be locked", in)
}

// remove takes away the stage and its lock.
func (s *stage) remove() {
	_ = os.RemoveAll(s.folder)
	_ = s.lock.Close()
	_ = os.Remove(s.lock.Path())
}

// removeAbandoned removes the stages of runs that were killed. It fails in silence: it is a courtesy.
func removeAbandoned(in string) {
	entries, err := os.ReadDir(in)
	if err != nil {
		return
	}
	for _, entry := range entries {
		m := stageLock.FindStringSubmatch(entry.Name())
		if m == nil || !entry.Type().IsRegular() {
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
