package profiles

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"authwalk/flows"
)

func TestSave(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "folder", "profiles.toml")
	f, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Put(Profile{Name: "a", Domain: "a.dev"}); err != nil {
		t.Fatal(err)
	}
	if err := f.SetDefault("a"); err != nil {
		t.Fatal(err)
	}
	if err := f.Save(); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" {
		for at, mode := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700, filepath.Dir(filepath.Dir(path)): 0o700} {
			if st, err := os.Stat(at); err != nil || st.Mode().Perm() != mode {
				t.Errorf("%s: %v %v", at, st.Mode(), err)
			}
		}
	}
	if f.Missing {
		t.Error("it is still said to be missing")
	}
	if err := f.Put(Profile{Name: "b"}); err != nil {
		t.Fatal(err)
	}
	if err := f.Save(); err != nil {
		t.Errorf("a second time: %v", err)
	}
	only(t, filepath.Dir(path), "profiles.toml")
	if g, err := Load(path); err != nil || len(g.Profiles) != 2 || g.Default != "a" {
		t.Errorf("%v %v", g.Names(), err)
	}
}

// only tells of anything else that is left in a folder.
func only(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(names, " ") {
		t.Errorf("in the folder: %q, want %q", got, names)
	}
}

func TestSaveTightensTheMode(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	path := write(t, "[profile.a]\n")
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := Load(path)
	if err != nil || len(f.Warnings) != 1 {
		t.Fatal(f.Warnings, err)
	}
	if err := f.Put(Profile{Name: "b"}); err != nil {
		t.Fatal(err)
	}
	if err := f.Save(); err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 || len(f.Warnings) != 0 {
		t.Errorf("%v %v %q", st.Mode(), err, f.Warnings)
	}
}

func TestSaveThroughLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need rights there")
	}
	for _, there := range []bool{true, false} {
		dir := t.TempDir()
		real := filepath.Join(dir, "dotfiles", "p.toml")
		if err := os.Mkdir(filepath.Dir(real), 0o755); err != nil {
			t.Fatal(err)
		}
		if there {
			if err := os.WriteFile(real, []byte("# mine\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		link, second := filepath.Join(dir, "one.toml"), filepath.Join(dir, "two.toml")
		if err := errors.Join(os.Symlink("dotfiles/p.toml", link), os.Symlink(link, second)); err != nil {
			t.Fatal(err)
		}
		f, err := Load(second)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Put(Profile{Name: "a"}); err != nil {
			t.Fatal(err)
		}
		if err := f.Save(); err != nil {
			t.Fatal(err)
		}
		for _, l := range []string{link, second} {
			if st, err := os.Lstat(l); err != nil || st.Mode()&os.ModeSymlink == 0 {
				t.Errorf("%s is no link any more", l)
			}
		}
		if b, err := os.ReadFile(real); err != nil || !strings.Contains(string(b), "[profile.a]") {
			t.Errorf("%q %v", b, err)
		}
		only(t, filepath.Dir(real), "p.toml")
	}
	dir := t.TempDir()
	loop := filepath.Join(dir, "loop")
	if err := os.Symlink(loop, loop); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(loop); err == nil {
		t.Error("a link to itself was read")
	}
}

// TestSaveRefused: the file stays as it was, nothing else is left in the
// folder, and the sentence says why.
func TestSaveRefused(t *testing.T) {
	const text = "# mine\n[profile.a]\n"
	for _, c := range []struct {
		name, says string
		prepare    func(t *testing.T, path string)
		is         error
	}{
		{"changed meanwhile", "another program changed it", func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte("# theirs\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, ErrChanged},
		{"removed meanwhile", "removed or renamed", func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}, ErrChanged},
		{"read-only", "read-only (mode 0400)", func(t *testing.T, path string) {
			if err := os.Chmod(path, 0o400); err != nil {
				t.Fatal(err)
			}
		}, os.ErrPermission},
		{"disk full", "the disk is full", func(t *testing.T, _ string) {
			was := writeAll
			writeAll = func(f *os.File, data []byte) error {
				_, _ = f.Write(data[:1])
				return &os.PathError{Op: "write", Path: f.Name(), Err: syscall.ENOSPC}
			}
			t.Cleanup(func() { writeAll = was })
		}, syscall.ENOSPC},
		{"changed while it was written", "another program changed it", func(t *testing.T, path string) {
			was := writeAll
			writeAll = func(f *os.File, data []byte) error {
				if err := os.WriteFile(path, []byte("# theirs\n"), 0o600); err != nil {
					return err
				}
				return was(f, data)
			}
			t.Cleanup(func() { writeAll = was })
		}, ErrChanged},
		{"a folder took its place", "no regular file", func(t *testing.T, path string) {
			if err := errors.Join(os.Remove(path), os.Mkdir(path, 0o700)); err != nil {
				t.Fatal(err)
			}
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if runtime.GOOS == "windows" && c.name == "read-only" {
				t.Skip("Windows has no such modes")
			}
			path := write(t, text)
			f, err := Load(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.Put(Profile{Name: "b"}); err != nil {
				t.Fatal(err)
			}
			c.prepare(t, path)
			before, _ := os.ReadFile(path)
			err = f.Save()
			var u *flows.UsageError
			var s *SaveError
			if !errors.As(err, &u) || !errors.As(err, &s) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path) || c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("got %v", err)
			}
			after, _ := os.ReadFile(path)
			if string(before) != string(after) && c.name != "changed while it was written" {
				t.Errorf("the file changed: %q", after)
			}
			if c.name != "removed meanwhile" {
				only(t, filepath.Dir(path), "profiles.toml")
			}
		})
	}
}

func TestSaveNewOverAnother(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.toml")
	f, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Put(Profile{Name: "a"}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("# theirs\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.Save(); !errors.Is(err, ErrChanged) {
		t.Errorf("got %v", err)
	}
	blocked := filepath.Join(path, "folder", "p.toml") // below a file
	g := &File{Path: blocked, Missing: true, layout: scan(nil)}
	if err := g.Save(); err == nil || !strings.Contains(err.Error(), blocked) {
		t.Errorf("got %v", err)
	}
}

func TestSaveWithoutChange(t *testing.T) {
	path := write(t, "[profile.a]\n")
	f, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	before, _ := os.Stat(path)
	if err := f.Save(); err != nil {
		t.Fatal(err)
	}
	if after, _ := os.Stat(path); !os.SameFile(before, after) {
		t.Error("it was written without need")
	}
}
