package cmd

import "github.com/spf13/cobra"

// addCompletionCommand adds cobra's command, and makes a shell that it does not know an error.
func addCompletionCommand(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, command := range root.Commands() {
		if command.Name() == "completion" {
			command.Short = "Print the completion script for a shell"
			command.Example = `  source <(backlot completion bash)
  backlot completion zsh > "${fpath[1]}/_backlot"
  backlot completion fish > ~/.config/fish/completions/backlot.fish
  backlot completion powershell | Out-String | Invoke-Expression`
			command.Args = cobra.ArbitraryArgs
			command.RunE = unknownCommand
			for _, shell := range command.Commands() {
				shell.Args = noArguments
			}
		}
	}
}
