package generator

import (
	"fmt"
	"path"
)

// Next are the commands that a user types in a new project: the data key `prepare` of the language's layer, then the
// key `next` of the database's layer, or else of the language's, or else `make run`.
func (c *Catalog) Next(answers Answers) ([]string, error) {
	language, database := path.Join(Language.folder, answers.Language), path.Join(Database.folder, answers.Database)
	prepare, err := c.commandList(language, "prepare")
	if err != nil {
		return nil, err
	}
	for _, folder := range []string{database, language} {
		commands, err := c.commandList(folder, "next")
		if err != nil || len(commands) > 0 {
			return append(prepare, commands...), err
		}
	}
	return append(prepare, "make run"), nil
}

// commandList is a list of commands in a layer's data; none where the key is absent.
func (c *Catalog) commandList(folder, key string) ([]string, error) {
	l, err := c.layer(folder)
	if err != nil {
		return nil, err
	}
	value, given := l.Data[key]
	if !given {
		return nil, nil
	}
	list, _ := value.([]any)
	var commands []string
	for _, word := range list {
		if command, ok := word.(string); ok {
			commands = append(commands, command)
		}
	}
	if len(commands) == 0 || len(commands) < len(list) {
		return nil, fmt.Errorf("templates: %s/layer.yaml: data.%s must be a list of commands", folder, key)
	}
	return commands, nil
}
