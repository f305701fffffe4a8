package cli

import (
	"github.com/spf13/cobra"
)

func (a *app) screenFlags(c *cobra.Command)                               {}
func (a *app) screens(c *cobra.Command, demo bool, scenario string) error { return nil }
func (a *app) demoCommand() *cobra.Command {
	return &cobra.Command{Use: "demo", Run: func(*cobra.Command, []string) {}}
}
func (a *app) profilesCommand() *cobra.Command {
	return &cobra.Command{Use: "profiles", Run: func(*cobra.Command, []string) {}}
}
