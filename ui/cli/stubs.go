package cli

import (
	"github.com/spf13/cobra"
)

func (a *app) profilesCommand() *cobra.Command {
	return &cobra.Command{Use: "profiles", Run: func(*cobra.Command, []string) {}}
}
