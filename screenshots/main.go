// Command screenshots makes the pictures of the screens: it drives the real
// screens against tenants in process, over a clock, timings, keys and random
// bytes that are given, and writes each screen as text, SVG and PNG, the walk as
// a moving picture, and a sheet of the colour modes. The same screens give the
// same files.
//
//	go run ./screenshots            all pictures, into ./screenshots
//	go run ./screenshots -check     say which of the files there are stale
//	go run ./screenshots -only api  the pictures whose names match
//
// It knows the screens by their keys and nothing of how they are made.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// kept is the folder of the pictures in the repository.
const kept = "screenshots"

// Limits on the files: they are kept in the repository.
const (
	maxPNG   = 150 << 10
	maxTotal = 4 << 20
)

// run is main with its arguments. Exit codes: 0 good; 1 something is stale, or a
// picture could not be made; 2 usage.
func run(args []string, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet("screenshots", flag.ContinueOnError)
	fs.SetOutput(stderr)
	check := fs.Bool("check", false, "write nothing; say which files are stale, and exit with 1 if any is")
	only := fs.String("only", "", "the pictures whose names match this `REGEXP`")
	out := fs.String("out", kept, "the `FOLDER` with the pictures")
	all := fs.Bool("all", false, "more scenes, each in every window: to be looked at, not kept; needs -out")
	list := fs.Bool("list", false, "say what there is, and end")
	if err := fs.Parse(args); err != nil {
		return 2
	}
	bad := func(code int, format string, a ...any) int {
		_, _ = fmt.Fprintf(stderr, "screenshots: "+format+"\n", a...)
		return code
	}
	if fs.NArg() > 0 {
		return bad(2, "%q is not understood; there are flags only (-h lists them)", fs.Arg(0))
	}
	if *all && *out == kept {
		return bad(2, "-all makes more than is kept: name another folder by -out")
	}
	match, err := regexp.Compile(*only)
	if err != nil {
		return bad(2, "-only: %v", err)
	}
	jobs := slices.DeleteFunc(allJobs(*all), func(j job) bool { return !match.MatchString(j.name) })
	if *list {
		for _, j := range jobs {
			_, _ = fmt.Fprintf(stdout, "%-28s %s\n", j.name, j.shows)
		}
		return 0
	}
	if len(jobs) == 0 {
		return bad(2, "no picture has a name that matches %q; -list says what there is", *only)
	}
	dir, err := filepath.Abs(*out)
	if err != nil {
		return bad(1, "%v", err)
	}
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		return bad(2, "there is no folder %s: run this from the project's root, or name one by -out", *out)
	}
	leave, err := enter()
	if err != nil {
		return bad(1, "%v", err)
	}
	defer leave()

	began := time.Now()
	files, err := makeAll(jobs, !*check)
	if err != nil {
		return bad(1, "%v", err)
	}
	if *check {
		stale := compare(dir, files)
		if *only == "" {
			stale = append(stale, strangers(dir, jobs)...)
		}
		for _, s := range stale {
			_, _ = fmt.Fprintln(stdout, s)
		}
		if len(stale) > 0 {
			return bad(1, "%d of the pictures are stale: run go run ./screenshots, and look at them", len(stale))
		}
		_, _ = fmt.Fprintf(stdout, "%d pictures are as the screens are (%.1f s)\n", len(jobs), time.Since(began).Seconds())
		return 0
	}
	total := 0
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f.name), f.data, 0o644); err != nil {
			return bad(1, "%v", err)
		}
		total += len(f.data)
	}
	_, _ = fmt.Fprintf(stdout, "%d files, %d kB, in %.1f s\n", len(files), total>>10, time.Since(began).Seconds())
	if err := tooLarge(files); err != nil && !*all {
		return bad(1, "%v", err)
	}
	return 0
}

// enter makes a folder with the profile file in it and works there, so that its
// path on the screens is the same everywhere. leave undoes it.
func enter() (leave func(), err error) {
	was, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "authwalk-screenshots-")
	if err != nil {
		return nil, err
	}
	leave = func() {
		_ = os.Chdir(was)
		_ = os.RemoveAll(dir)
	}
	file := filepath.Join(dir, filepath.FromSlash(profilesPath))
	if err = os.MkdirAll(filepath.Dir(file), 0o700); err == nil {
		err = os.WriteFile(file, profilesTOML, 0o600)
	}
	if err == nil {
		err = os.Chdir(dir)
	}
	if err != nil {
		leave()
		return nil, err
	}
	return leave, nil
}

// file is what a job makes.
type file struct {
	name string
	data []byte
}

// job is one picture, in one or more files.
type job struct {
	name, shows string
	make        func(pixels bool) ([]file, error)
	endings     []string
}

// makeAll does jobs, a few at once. pixels: PNG too, which takes longest.
func makeAll(jobs []job, pixels bool) ([]file, error) {
	made := make([][]file, len(jobs))
	errs := make([]error, len(jobs))
	next := make(chan int)
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(jobs)) {
		all.Go(func() {
			for i := range next {
				fs, err := jobs[i].make(pixels)
				if err != nil {
					errs[i] = fmt.Errorf("%s: %w", jobs[i].name, err)
				}
				made[i] = fs
			}
		})
	}
	for i := range jobs {
		next <- i
	}
	close(next)
	all.Wait()
	return slices.Concat(made...), errors.Join(errs...)
}

// tooLarge says which files are larger than what belongs in a repository.
func tooLarge(files []file) error {
	var errs []error
	total := 0
	for _, f := range files {
		total += len(f.data)
		if n := len(f.data); strings.HasSuffix(f.name, ".png") && n > maxPNG {
			errs = append(errs, fmt.Errorf("%s has %d kB; the limit is %d kB", f.name, n>>10, maxPNG>>10))
		}
	}
	if total > maxTotal {
		errs = append(errs, fmt.Errorf("all files together have %d kB; the limit is %d kB", total>>10, maxTotal>>10))
	}
	return errors.Join(errs...)
}

// compare says which files in dir are not what was made now.
func compare(dir string, files []file) []string {
	var stale []string
	for _, f := range files {
		was, err := os.ReadFile(filepath.Join(dir, f.name))
		switch {
		case err != nil:
			stale = append(stale, f.name+": there is no such file")
		case strings.HasSuffix(f.name, ".png"):
			// Other versions of Go may pack the same picture differently.
			if !samePixels(was, f.data) {
				stale = append(stale, f.name+": the picture differs")
			}
		case !bytes.Equal(bytes.ReplaceAll(was, []byte("\r\n"), []byte("\n")), f.data):
			stale = append(stale, f.name+": "+difference(was, f.data))
		}
	}
	return stale
}

// difference says where two texts first differ.
func difference(was, now []byte) string {
	a, b := bytes.Split(was, []byte("\n")), bytes.Split(now, []byte("\n"))
	for i := range min(len(a), len(b)) {
		if !bytes.Equal(a[i], b[i]) {
			if len(b[i]) > 200 || len(a[i]) > 200 {
				return fmt.Sprintf("differs from line %d on", i+1)
			}
			return fmt.Sprintf("differs from line %d on\n    was %s\n    is  %s", i+1, a[i], b[i])
		}
	}
	return fmt.Sprintf("had %d lines, has %d", len(a), len(b))
}

func samePixels(a, b []byte) bool {
	x, err1 := png.Decode(bytes.NewReader(a))
	y, err2 := png.Decode(bytes.NewReader(b))
	if err1 != nil || err2 != nil || x.Bounds() != y.Bounds() {
		return false
	}
	flat := func(m image.Image) []byte {
		n := image.NewNRGBA(m.Bounds())
		draw.Draw(n, n.Rect, m, m.Bounds().Min, draw.Src)
		return n.Pix
	}
	return bytes.Equal(flat(x), flat(y))
}

// strangers are the pictures in dir that no job makes (any more), and those that
// -check does not compare and that are missing.
func strangers(dir string, jobs []job) []string {
	var out []string
	made := map[string]bool{}
	for _, j := range jobs {
		for _, e := range j.endings {
			made[j.name+e] = true
			if e == ".png" {
				if _, err := os.Stat(filepath.Join(dir, j.name+e)); err != nil {
					out = append(out, j.name+e+": there is no such file")
				}
			}
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return append(out, err.Error())
	}
	for _, e := range entries {
		if slices.Contains([]string{".png", ".svg", ".txt"}, filepath.Ext(e.Name())) && !made[e.Name()] {
			out = append(out, e.Name()+": no scene makes it; remove it")
		}
	}
	return out
}
