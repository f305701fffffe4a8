package cli

import (
	"os"
	"path/filepath"

	"authwalk/flows/report"
)

// checkReports refuses report files that cannot be written before anything is
// sent.
func checkReports(files []string) error {
	for _, f := range files {
		if _, err := report.FormatOf(f); err != nil {
			return err
		}
		dir := filepath.Dir(f)
		if st, err := os.Stat(dir); err != nil || !st.IsDir() {
			return usage("--report %s: there is no folder %s", f, dir)
		}
		if st, err := os.Stat(f); err == nil && st.IsDir() {
			return usage("--report %s: this is a folder", f)
		}
	}
	return nil
}

// writeReports writes the session into the files of --report.
func (a *app) writeReports(r *result, p printing) error {
	if len(p.reports) == 0 {
		return nil
	}
	in := report.Input{Session: r.session, Version: Version(), Now: a.env.Clock.Wall(), Check: r.lines, WithClaims: p.withClaims, Redactor: r.redactor()}
	for _, c := range r.calls {
		in.Calls = append(in.Calls, report.Answer{Exchange: c.exchange, Class: c.class, Findings: c.findings})
	}
	for _, f := range p.reports {
		if err := report.ToFile(f, in); err != nil {
			return err
		}
	}
	return nil
}
