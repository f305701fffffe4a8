package cli

import (
	"context"
	"errors"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"authwalk/flows"
	"authwalk/flows/diagnosis"
	"authwalk/flows/tenant"
	"authwalk/ui"
)

// look is how the screens are to be shown.
type look struct {
	plain, tour         bool
	light, presentation bool
	record              string
	ground              *pflag.Flag // --light, to tell whether it was given
}

func (a *app) screenFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&a.look.plain, "plain", false, "the same steps as questions and lines of text, nothing redrawn")
	f.BoolVar(&a.look.light, "light", false, "colours for a light ground (else COLORFGBG tells, else dark)")
	f.BoolVar(&a.look.presentation, "presentation", false, "hide names and e-mail addresses too, from the start")
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
func (a *app) screens(cmd *cobra.Command, onDemo bool, scenario string) error {
	plain := a.look.plain
	a.look.ground = cmd.Flags().Lookup("light")
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

// open opens the screens. Signals are theirs: nothing here listens to any.
func (a *app) open(onDemo bool, scenario string) error {
	opt := ui.Options{
		Getenv: a.env.get, ProfileName: a.setup.profile, Demo: demoScreens{&demo{}}, Scenario: scenario, Clock: a.env.Clock,
		ColorProfile: a.profileOfColours(), Light: a.look.light, ASCII: !a.utf8(), Presentation: a.look.presentation, Tour: a.look.tour, Version: version,
	}
	if !a.look.ground.Changed {
		opt.Light = !lipgloss.HasDarkBackground()
	}
	if !onDemo {
		path, err := a.profilesPath(&a.setup)
		if err != nil {
			return err
		}
		opt.ProfilesPath = path
		if a.setup.profile != "" { // a name that is not there is told before the screens open
			f, err := a.profilesFile(&a.setup)
			if err != nil {
				return err
			}
			if _, err := f.Get(a.setup.profile); err != nil {
				return err
			}
		}
	}
	if a.look.record != "" {
		f, err := os.OpenFile(a.look.record, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return usage("the record cannot be written: %v", err)
		}
		defer f.Close()
		opt.Record = f
	}
	err := ui.Run(context.Background(), opt)
	if errors.Is(err, ui.ErrInterrupted) {
		return ended(diagnosis.ExitInterrupted)
	}
	return err
}

// profileOfColours is what the terminal can show, by its own word.
func (a *app) profileOfColours() termenv.Profile {
	term := a.env.get("TERM")
	switch ct := strings.ToLower(a.env.get("COLORTERM")); {
	case !a.colour(true):
		return termenv.Ascii
	case ct == "truecolor" || ct == "24bit" || strings.HasSuffix(term, "-direct") || a.env.get("WT_SESSION") != "":
		return termenv.TrueColor
	case strings.Contains(term, "256color") || ct != "":
		return termenv.ANSI256
	case slices.Contains([]string{"xterm-kitty", "xterm-ghostty", "alacritty", "wezterm", "foot"}, term):
		return termenv.TrueColor
	case term == "" && runtime.GOOS != "windows":
		return termenv.Ascii
	case runtime.GOOS == "windows":
		return termenv.TrueColor
	}
	return termenv.ANSI
}

// demoScreens is the demo as the screens know it.
type demoScreens struct{ *demo }

// Tenants lists the scenarios.
func (d demoScreens) Tenants() []ui.DemoTenant {
	var out []ui.DemoTenant
	for _, s := range scenarios() {
		out = append(out, ui.DemoTenant{Name: s.Name, Title: s.Title, Teaches: s.Teaches, Topic: s.Topic, Good: s.Good(), Finding: s.Diagnosis})
	}
	return out
}

// Open starts a scenario's tenant and gives its set-up.
func (d demoScreens) Open(ctx context.Context, name string) (flows.Config, ui.DemoTools, error) {
	cfg, tools, err := d.start(ctx, name)
	if err != nil {
		return cfg, nil, err
	}
	return cfg, screenTools{tools}, nil
}

// screenTools is a tenant's phone and log as the screens know them.
type screenTools struct{ *demoTools }

// Phone shows messages, pushes, and the code of the authenticator app.
func (s screenTools) Phone() []ui.PhoneItem {
	var out []ui.PhoneItem
	for _, i := range s.phone() {
		out = append(out, ui.PhoneItem{ID: i.id, Kind: i.kind, To: i.to, Text: i.text, Code: i.code, At: i.at, Waiting: i.waiting})
	}
	return out
}

// Approve answers a push with yes.
func (s screenTools) Approve(id string) { s.t.Phone().Approve(id) }

// Deny answers a push with no.
func (s screenTools) Deny(id string) { s.t.Phone().Deny(id) }

// Log is the tenant's log.
func (s screenTools) Log() []ui.LogLine {
	var out []ui.LogLine
	for _, e := range s.t.Log() {
		text := e.Description
		if text == "" {
			text = e.Meaning()
		}
		out = append(out, ui.LogLine{At: e.At, Type: e.Type, Text: text, User: e.User})
	}
	return out
}
