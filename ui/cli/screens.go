package cli

import (
	"github.com/spf13/cobra"

	"authwalk/flows/tenant"
)

// look is how the screens are to be shown.
type look struct {
	plain, tour bool
	record      string
}

func (a *app) screenFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&a.look.plain, "plain", false, "the same steps as questions and lines of text, nothing redrawn")
	f.StringVar(&a.look.record, "record", "", "write an asciicast of the screens, secrets masked, into `FILE.cast`")
}

func (a *app) demoCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "demo [SCENARIO]",
		Short: "The screens over the loopback tenant; needs nothing else",
		Long: `Walk through the flow on tenants that run inside of authwalk: good set-ups and
broken ones, each of which teaches something (authwalk tenant --list). No account
and no network is needed; nothing is kept.`,
		Args: cobra.MaximumNArgs(1),
		ValidArgsFunction: func(c *cobra.Command, args []string, to string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return completeScenario(c, args, to)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			name := ""
			if len(args) > 0 {
				if _, err := findScenario(args[0]); err != nil {
					return err
				}
				name = args[0]
			}
			return a.screens(cmd, true, name)
		},
	}
	a.screenFlags(cmd)
	cmd.Flags().BoolVar(&a.look.tour, "tour", false, "walk by itself, with captions; any key takes over")
	return cmd
}

func scenarios() []tenant.Scenario { return tenant.Scenarios() }

// screens opens the screens, or walks in plain mode where the terminals (or the
// flags) want that.
func (a *app) screens(_ *cobra.Command, onDemo bool, scenario string) error {
	plain := a.look.plain
	switch {
	case plain:
	case !a.env.StdinTTY:
		return usage("the screens need a terminal, and stdin is none: use authwalk token or authwalk check, or --plain to answer by lines of stdin")
	case !a.env.StdoutTTY, a.env.get("TERM") == "dumb":
		plain = true
	}
	if plain {
		if a.look.record != "" || a.look.tour {
			return usage("--record and --tour need the screens, not plain mode")
		}
		ctx, stop := a.env.headless()
		defer stop()
		return a.plainWalk(ctx, &a.setup, onDemo, scenario)
	}
	return a.open(onDemo, scenario)
}

func (a *app) open(onDemo bool, scenario string) error { return usage("the screens are not here") }
