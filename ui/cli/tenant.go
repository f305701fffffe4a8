package cli

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"authwalk/flows/tenant"
)

func (a *app) tenantCommand() *cobra.Command {
	var addr, scenario string
	var withTLS, asJSON, list bool
	cmd := &cobra.Command{
		Use:   "tenant",
		Short: "Serve the loopback tenant for other programs",
		Long: `Serve a tenant on this machine that behaves like Auth0: a good set-up, or one of
the broken ones (--list). It listens on loopback alone, writes a profile file for
authwalk, and ends with ctrl+c or SIGTERM; its files go with it.`,
		Example: `  authwalk tenant --scenario mfa-otp
  authwalk tenant --json --tls > tenant.json
  authwalk tenant --list`,
		Args: cobra.NoArgs,
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&addr, "addr", "", "the loopback address to listen on, `HOST:PORT` (default a free port of 127.0.0.1)")
	f.BoolVar(&withTLS, "tls", false, "serve https, signed by a CA of its own")
	f.StringVar(&scenario, "scenario", "works", "what the tenant is like, a `NAME` of --list")
	f.BoolVar(&asJSON, "json", false, "print one line of JSON once it listens")
	f.BoolVar(&list, "list", false, "print the scenarios and end")
	_ = cmd.RegisterFlagCompletionFunc("scenario", completeScenario)
	cmd.RunE = func(*cobra.Command, []string) error {
		if list {
			return a.listScenarios(asJSON)
		}
		sc, err := findScenario(scenario)
		if err != nil {
			return err
		}
		return a.serve(sc, addr, withTLS, asJSON)
	}
	return cmd
}

func completeScenario(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var out []string
	for _, s := range tenant.Scenarios() {
		out = append(out, s.Name+"\t"+s.Title)
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// findScenario finds a scenario; an unknown one is a usage error with the list.
func findScenario(name string) (tenant.Scenario, error) {
	if s, ok := tenant.Lookup(name); ok {
		return s, nil
	}
	var names []string
	for _, s := range tenant.Scenarios() {
		names = append(names, s.Name)
	}
	return tenant.Scenario{}, usage("there is no scenario %q; there are:\n  %s", name, strings.Join(wrap(strings.Join(names, " "), 90), "\n  "))
}

func (a *app) listScenarios(asJSON bool) error {
	all := tenant.Scenarios()
	if asJSON {
		return printJSON(a.env.Stdout, all, a.env.StdoutTTY)
	}
	width := 0
	for _, s := range all {
		width = max(width, len(s.Name))
	}
	for _, s := range all {
		fmt.Fprintf(a.env.Stdout, "%-*s  %s\n", width, s.Name, s.Teaches)
	}
	return nil
}

// serve runs a tenant until ctrl+c or SIGTERM, which end it well.
func (a *app) serve(sc tenant.Scenario, addr string, withTLS, asJSON bool) error {
	ctx, stop := a.env.headless()
	defer stop()
	t, err := tenant.New(sc, tenant.Options{})
	if err != nil {
		return fmt.Errorf("the tenant cannot be made: %w", err)
	}
	defer t.Close()
	if err := t.Listen(addr, withTLS); err != nil {
		return usage("the tenant cannot listen: %v", err)
	}
	if _, err := t.WriteFiles(""); err != nil {
		return err
	}
	d := t.Describe()
	if asJSON {
		line, err := json.Marshal(d)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(a.env.Stdout, "%s\n", line); err != nil {
			return err
		}
	} else {
		a.describe(sc, d, t)
	}
	<-ctx.Done()
	return t.Close()
}

// describe says what serves where, for a person.
func (a *app) describe(sc tenant.Scenario, d tenant.Description, t *tenant.Tenant) {
	p := a.out()
	p.line("%s  %s", p.bold(sc.Name), sc.Title)
	p.para(2, sc.Teaches)
	p.line("")
	row := func(name, v string) {
		if v != "" {
			p.line("  %s %s", p.dim(pad(name, 14)), v)
		}
	}
	row("issuer", d.Issuer)
	row("token URL", d.TokenURL)
	row("phone", d.PhoneURL)
	row("CA file", d.CAFile)
	row("profiles", d.ProfilesFile)
	prof := t.Profile()
	row("client", prof.ClientID)
	row("client secret", prof.ClientSecret)
	row("user", prof.Username)
	row("password", prof.Password)
	row("audience", prof.Audience)
	p.line("")
	p.line("Try it:  authwalk %s --profiles %s -p %s", sc.Run, d.ProfilesFile, sc.Name)
	p.line("%s", p.dim("ctrl+c ends it, and removes its files."))
}
