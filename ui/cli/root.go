package cli

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"authwalk/flows/diagnosis"
	"authwalk/profiles"
	"authwalk/ui"
)

// version is set when a release is built (-ldflags "-X authwalk/ui/cli.version=1.2.3").
var version string

// app is one run of the program.
type app struct {
	env     Env
	noColor bool
	setup   setup // of the screens
	look    look
}

// Main runs the program and gives its exit code. It never panics: a fault of
// our own is told in a sentence and is exit code 1.
func Main(env Env) (code int) {
	stdout := &out{Writer: env.Stdout}
	env.Stdout = stdout
	a := &app{env: env}
	root := a.root()
	cmd := root
	defer func() {
		if p := recover(); p != nil {
			fault := ui.FaultOf(p)
			fmt.Fprintf(env.Stderr, "authwalk: %v\n", fault)
			code = diagnosis.ExitOurs
			a.unprinted(cmd, stdout, code, fmt.Sprint(fault))
		}
	}()
	root.SetArgs(append([]string{}, env.Args...)) // without any, not the process's own
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	root.PersistentPreRun = func(c *cobra.Command, _ []string) { cmd = c }
	err := root.Execute()
	if stdout.err != nil && (err == nil || exitCode(err) == diagnosis.ExitGood) {
		err = fmt.Errorf("what came cannot be written: %w", stdout.err)
	}
	if msg := complaint(err); msg != "" {
		fmt.Fprintf(env.Stderr, "authwalk: %s\n", visibleLines(msg))
		a.unprinted(cmd, stdout, exitCode(err), msg)
	}
	return exitCode(err)
}

// unprinted prints the object that --json promises on every exit but 2 where a
// command ended before it had a result: at a question that was interrupted, or
// by a fault of our own.
func (a *app) unprinted(cmd *cobra.Command, stdout *out, code int, msg string) {
	asked, err := cmd.Flags().GetBool("json")
	if err != nil || !asked || cmd.Flags().Lookup("profile") == nil && cmd.Name() != "explain" || code == diagnosis.ExitGood || code == diagnosis.ExitUsage || stdout.wrote {
		return
	}
	_ = printJSON(stdout, object{Exit: code, Error: &objectError{Description: msg}}, a.env.StdoutTTY)
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "authwalk",
		Short: "Walk through an OAuth flow, one step at a time, and see what came back",
		Long: `authwalk walks through an OAuth flow, one step at a time, and explains what came
back: the tokens, every check, every scope; and, when the tenant refuses, why and
which setting to change.

Without a command it opens the screens at the list of tenants. authwalk demo
needs no tenant at all. Secrets never are arguments: they come from the
environment, from stdin, from references in a profile, or are asked for.`,
		Args:          noCommand,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	// --version, as other programs have it. Cobra's own would link text/template,
	// and with it two megabytes.
	shown := root.Flags().Bool("version", false, "print the version")
	root.RunE = func(cmd *cobra.Command, _ []string) error {
		if *shown {
			return a.printVersion()
		}
		return a.screens(cmd, false, "")
	}
	root.PersistentFlags().BoolVar(&a.noColor, "no-color", false, "no colour codes (NO_COLOR does the same)")
	a.setup.flags = root.Flags()
	a.setup.profileFlags(root.Flags())
	a.screenFlags(root)
	root.SuggestionsMinimumDistance = 2
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddGroup(&cobra.Group{ID: "walk", Title: "Walk a flow:"}, &cobra.Group{ID: "look", Title: "Look at what came:"}, &cobra.Group{ID: "more", Title: "More:"})
	for _, c := range []struct {
		group string
		cmd   *cobra.Command
	}{
		{"walk", a.demoCommand()}, {"walk", a.tokenCommand()}, {"walk", a.refreshCommand()}, {"walk", a.callCommand()},
		{"look", a.checkCommand()}, {"look", a.explainCommand()}, {"look", a.decodeCommand()},
		{"more", a.tenantCommand()}, {"more", a.profilesCommand()}, {"more", a.versionCommand()}, {"more", a.completionCommand()}, {"", a.manCommand()},
	} {
		c.cmd.GroupID = c.group
		root.AddCommand(c.cmd)
	}
	root.SetHelpCommandGroupID("more")
	root.InitDefaultHelpCmd()
	for _, c := range root.Commands() {
		if c.Name() == "help" {
			c.Args = func(c *cobra.Command, args []string) error {
				found, rest, err := c.Root().Find(args)
				if err != nil || len(rest) > 0 {
					return noCommand(found, rest)
				}
				return nil
			}
		}
	}
	root.SetFlagErrorFunc(flagError)
	usageArgs(root)
	return root
}

// noCommand refuses an argument that is no command, with what may have been meant.
func noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	msg := fmt.Sprintf("there is no command %q", args[0])
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		msg += "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return errors.New(msg)
}

// usageArgs makes faults in arguments usage errors, exit code 2.
func usageArgs(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(cmd *cobra.Command, args []string) error {
			err := check(cmd, args)
			switch {
			case err == nil:
				return nil
			case len(args) == 0:
				err = fmt.Errorf("something is missing: %s", cmd.UseLine())
			case strings.HasPrefix(err.Error(), "unknown command "): // so cobra calls an argument where none belongs
				err = noCommand(cmd, args)
				if !cmd.HasSubCommands() {
					err = fmt.Errorf("%s takes no argument, and %q is one", cmd.CommandPath(), args[0])
				}
			}
			return usage("%v (see %s --help)", err, cmd.CommandPath())
		}
	}
	for _, sub := range c.Commands() {
		usageArgs(sub)
	}
}

// secretFlags are flags that people try, and what there is instead.
var secretFlags = map[string]string{
	"password":      "set AUTHWALK_PASSWORD, use --password-stdin, or name a reference in a profile",
	"client-secret": "set AUTHWALK_CLIENT_SECRET, or name a reference in a profile",
	"otp":           "set AUTHWALK_OTP, use --otp-stdin, or name a reference with --otp-secret",
	"refresh-token": "set AUTHWALK_REFRESH_TOKEN, or use --refresh-token-stdin",
	"access-token":  "set AUTHWALK_ACCESS_TOKEN, or use --access-token-stdin",
	"secret":        "set AUTHWALK_CLIENT_SECRET, or name a reference in a profile",
	"api-secret":    "name a reference as api_secret in a profile",
}

// flagError explains a flag that does not exist or has a bad value.
func flagError(cmd *cobra.Command, err error) error {
	if err == pflag.ErrHelp {
		return err
	}
	msg := err.Error()
	if name, ok := strings.CutPrefix(msg, "unknown flag: --"); ok {
		if instead, ok := secretFlags[name]; ok {
			return usage("--%s does not exist: secrets never are arguments, other users of the machine can read those; %s", name, instead)
		}
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if n := profiles.Near(name, names); n != "" {
			msg += "; did you mean --" + n + "?"
		}
	}
	return usage("%s (see %s --help)", msg, cmd.CommandPath())
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.printVersion() },
	}
}

func (a *app) printVersion() error {
	fmt.Fprintf(a.env.Stdout, "authwalk %s (%s, %s/%s)\n", Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

func (a *app) completionCommand() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use: "completion SHELL", Short: "Print the completion script for a shell", ValidArgs: shells,
		Long: `Print the script that completes commands, flags, profiles and scenarios, for bash,
zsh, fish or powershell.`,
		Example: `  source <(authwalk completion bash)
  authwalk completion zsh > "${fpath[1]}/_authwalk"
  authwalk completion fish > ~/.config/fish/completions/authwalk.fish`,
		Args: cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		RunE: func(cmd *cobra.Command, args []string) error {
			root, w := cmd.Root(), a.env.Stdout
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(w, true)
			case "zsh":
				return root.GenZshCompletion(w)
			case "fish":
				return root.GenFishCompletion(w, true)
			}
			return root.GenPowerShellCompletionWithDesc(w)
		},
	}
}

// Version is the version that was built: a release's, else the commit's.
func Version() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	rev, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			rev = s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+changes"
		}
	}
	if rev == "" {
		return "devel"
	}
	return "devel-" + rev + dirty
}

// colour tells whether a stream gets colour codes.
func (a *app) colour(tty bool) bool {
	no, set := a.env.Lookup("NO_COLOR")
	return tty && !a.noColor && (!set || no == "") && a.env.get("TERM") != "dumb"
}

// out and err paint on stdout and stderr.
func (a *app) out() paint { return a.paint(a.env.Stdout, a.env.StdoutTTY) }
func (a *app) err() paint { return a.paint(a.env.Stderr, a.env.StderrTTY) }

func (a *app) paint(w io.Writer, tty bool) paint {
	return paint{w: w, colour: a.colour(tty), ascii: tty && !a.utf8()}
}

// utf8 tells whether the locale is UTF-8; without any it is assumed.
func (a *app) utf8() bool {
	for _, n := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := a.env.get(n); v != "" {
			v = strings.ToLower(v)
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return true
}

func join(s []string) string { return strings.Join(s, ", ") }
