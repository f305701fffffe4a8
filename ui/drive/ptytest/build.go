//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package ptytest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

var built struct {
	sync.Mutex
	dir  string // where Build puts the program; set by Main
	path string
	err  error
}

// Main runs a package's tests and then removes what Build built. A package that
// calls Build has it in its TestMain. It gives the code to end with.
func Main(m interface{ Run() int }) int {
	dir, err := os.MkdirTemp("", "authwalk-test")
	if err != nil {
		fmt.Fprintln(os.Stderr, "no folder to build the program in:", err)
		return 1
	}
	defer os.RemoveAll(dir)
	built.Lock()
	built.dir = dir
	built.Unlock()
	return m.Run()
}

// Build builds authwalk itself, once in a test process, and gives its path. With
// GOCOVERDIR set it is built to write its coverage there.
func Build(tb testing.TB) string {
	tb.Helper()
	built.Lock()
	defer built.Unlock()
	if built.dir == "" {
		tb.Fatal("ptytest.Build needs ptytest.Main in the package's TestMain, which removes the program again")
	}
	if built.path == "" && built.err == nil {
		path := filepath.Join(built.dir, "authwalk")
		args := []string{"build", "-o", path}
		if os.Getenv("GOCOVERDIR") != "" {
			args = append(args, "-cover")
		}
		if out, err := exec.Command("go", append(args, "authwalk")...).CombinedOutput(); err != nil {
			built.err = fmt.Errorf("go build: %w\n%s", err, out)
		} else {
			built.path = path
		}
	}
	if built.err != nil {
		tb.Fatal(built.err)
	}
	return built.path
}
