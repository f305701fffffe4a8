package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"authwalk/flows"
)

// Format is a kind of report.
type Format string

// The kinds of report.
const (
	Markdown Format = "md"
	HTML     Format = "html"
	HAR      Format = "har" // HAR 1.2: the exchanges alone
	JSON     Format = "json"
)

// formats lists them as their file endings.
func formats() []Format { return []Format{Markdown, HTML, HAR, JSON} }

// FormatOf tells the kind of a report by its file's ending, in any case. Its
// error is a *flows.UsageError that names the four.
func FormatOf(path string) (Format, error) {
	ext := strings.ToLower(strings.TrimPrefix(filepath.Ext(path), "."))
	for _, f := range formats() {
		if string(f) == ext {
			return f, nil
		}
	}
	return "", &flows.UsageError{What: "report", Msg: fmt.Sprintf("the kind of the report %q cannot be told: its name must end in .md, .html, .har or .json", path)}
}

var writers = map[Format]func(io.Writer, *doc) error{Markdown: writeMarkdown, HTML: writeHTML, HAR: writeHAR, JSON: writeJSON}

// Write writes a report. Everything in it went through the redaction.
func Write(w io.Writer, f Format, in Input) error {
	write := writers[f]
	if write == nil {
		return &flows.UsageError{What: "report", Msg: fmt.Sprintf("there is no report of the kind %q: md, html, har or json", string(f))}
	}
	d, _ := compose(in)
	return write(w, d)
}

// ToFile writes a report into a file, in the kind that its ending tells. The
// file is written whole to a temporary one beside it, with mode 0600, and then
// takes its name, so that a half-written report is never seen and what a
// symbolic link of that name points to is not touched. An error is a
// *flows.UsageError for a path that cannot be meant, else one of the system's
// with the path in it.
func ToFile(path string, in Input) error {
	f, err := FormatOf(path)
	if err != nil {
		return err
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return &flows.UsageError{What: "report", Msg: fmt.Sprintf("the report %q is a folder: give a file in it", path)}
	}
	var b bytes.Buffer
	if err := Write(&b, f, in); err != nil {
		return err
	}
	return writePrivate(path, b.Bytes())
}

func writePrivate(path string, content []byte) error {
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, ".authwalk-report-*") // mode 0600, and never an existing file
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return &flows.UsageError{What: "report", Msg: fmt.Sprintf("the report %q cannot be written: there is no folder %s; make it first", path, dir)}
		}
		return fmt.Errorf("the report %s cannot be written: %w", path, plain(err))
	}
	_, err = tmp.Write(content)
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return fmt.Errorf("the report %s cannot be written: %w", path, plain(err))
	}
	return nil
}

// plain takes the temporary file's name out of an error: nobody asked for it.
func plain(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	var le *os.LinkError
	if errors.As(err, &le) {
		return le.Err
	}
	return err
}
