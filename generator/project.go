package generator

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The two files that a project is known by. Nothing in a project needs them.
const (
	recordFile = "backlot.yaml" // the answers, and the commands that serve and test the project
	lockFile   = "backlot.lock" // a hash of every file as it was made, in the form of sha256sum
)

// A Project is a list of files, ready to be written.
type Project struct {
	Answers Answers
	Files   []File // sorted by path
}

// A File is one file of a project.
type File struct {
	Path    string // with forward slashes, relative to the project's folder
	Mode    fs.FileMode
	Content []byte // places for secrets are filled by Write
	Layer   string // the folder of the tree that it came from; "backlot" for the tool's own records

	source string            // the file of the tree
	sum    [sha256.Size]byte // of the content
	secret bool              // it has places for secrets, and only its owner may read it
}

// A Record is what backlot.yaml in a project says.
type Record struct {
	Backlot           string // the version of Backlot that made the project
	Answers           Answers
	Commands          map[string][]string
	TemporaryDatabase string // a DATABASE_URL that needs no server, with {folder}; empty where there is none
}

// ReadRecord reads backlot.yaml from a project's folder.
func ReadRecord(project fs.FS) (Record, error) {
	content, err := fs.ReadFile(project, recordFile)
	if err != nil {
		return Record{}, fmt.Errorf("%s: %w", recordFile, err)
	}
	document, err := decodeRecord(recordFile, content)
	if err != nil {
		return Record{}, err
	}
	commands := map[string][]string{}
	for name, words := range document.Commands {
		commands[name] = words
	}
	return Record{document.Backlot, document.answers(), commands, document.TemporaryDatabase}, nil
}

// recordOf is the content of backlot.yaml.
func recordOf(a Answers, s *selection, version string) ([]byte, error) {
	document := record{
		Version: recordVersion, Backlot: version, Name: a.Name, Module: a.Module,
		Language: a.Language, Database: a.Database, Hosting: a.Hosting,
		Commands:          map[string]argv{},
		TemporaryDatabase: s.database.TemporaryDatabase,
	}
	for _, r := range a.Resources {
		document.Resources = append(document.Resources, resourceText{text: r.String()})
	}
	for name, words := range commandsOf(s) {
		document.Commands[name] = words
	}
	var content bytes.Buffer
	content.WriteString("# What this project was made from. Nothing in it needs this file; `backlot verify` reads it.\n")
	encoder := yaml.NewEncoder(&content)
	encoder.SetIndent(2)
	if err := encoder.Encode(document); err != nil {
		return nil, fmt.Errorf("%s: %w", recordFile, err)
	}
	return content.Bytes(), nil
}

// addRecords adds backlot.yaml and, last, the lock with a hash of every file but those with secrets.
func (p *Project) addRecords(record []byte) {
	p.add(File{Path: recordFile, Mode: 0o644, Content: record, Layer: "backlot", sum: sha256.Sum256(record)})
	var lock strings.Builder
	for _, f := range p.Files {
		if !f.secret {
			lock.WriteString(hex.EncodeToString(f.sum[:]) + "  " + f.Path + "\n")
		}
	}
	p.add(File{Path: lockFile, Mode: 0o644, Content: []byte(lock.String()), Layer: "backlot"})
}

func (p *Project) add(f File) {
	at, _ := slices.BinarySearchFunc(p.Files, f.Path, func(other File, path string) int { return strings.Compare(other.Path, path) })
	p.Files = slices.Insert(p.Files, at, f)
}
