// Package generator turns a few answers into a backend project.
//
// A [Catalog] is read from a tree of layers: folders that each hold a layer.yaml and files. It is asked
// for what can be chosen, and generates:
//
//	catalog, err := generator.Load(templates.Tree())
//	project, err := catalog.Generate(generator.Answers{Name: "shop", Language: "go", Database: "sqlite", Hosting: "none", Resources: …})
//	err = project.Write(ctx, "shop", generator.WriteOptions{})
//
// Generate is pure: no clock, no randomness, no network, nothing on disk; the same answers give the same
// bytes. Only Write touches the disk, and only it draws the secrets that .env holds.
//
// # The tree
//
//	common/                                 what every project has
//	databases/<database>/                   what is true of a database in every language
//	languages/<language>/                   a language and its framework
//	languages/<language>/databases/<db>/    a cell: the language on that database
//	hosting/<hosting>/                      what takes a project to a cloud
//	hosting/<hosting>/databases/<db>/       its managed database
//
// No code of this package names a language, a database or a hosting: all that can be chosen is found in
// the tree. A language goes with the databases that it has a cell for; a hosting goes with the databases
// that it has a folder for, or with all when it has none. docs/architecture.md describes layers, and
// docs/adding-a-language.md how to write one.
package generator
