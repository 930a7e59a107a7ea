package generator

import (
	"fmt"
	"path"
)

// Next are the commands that a user types in a new project: the data key `next` of the database's layer,
// or else of the language's, or else `make run`.
func (c *Catalog) Next(answers Answers) ([]string, error) {
	for _, folder := range []string{path.Join(Database.folder, answers.Database), path.Join(Language.folder, answers.Language)} {
		l, err := c.layer(folder)
		if err != nil {
			return nil, err
		}
		value, given := l.Data["next"]
		if !given {
			continue
		}
		list, _ := value.([]any)
		var commands []string
		for _, word := range list {
			if command, ok := word.(string); ok {
				commands = append(commands, command)
			}
		}
		if len(commands) == 0 || len(commands) < len(list) {
			return nil, fmt.Errorf("templates: %s/layer.yaml: data.next must be a list of commands", folder)
		}
		return commands, nil
	}
	return []string{"make run"}, nil
}
