package generator

import (
	"os"
	"strings"
	"testing"
)

// The linker says nothing when a variable that it shall set is not there.
func TestReleasedVersion(t *testing.T) {
	config, err := os.ReadFile("../goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(config), "-X github.com/backlot-cli/backlot/generator.released=v{{ .Version }}") {
		t.Error("goreleaser.yaml does not set the version")
	}
	released = "v1.2.3"
	defer func() { released = "" }()
	if Version() != released {
		t.Error(Version())
	}
}
