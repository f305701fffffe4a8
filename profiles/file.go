package profiles

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// fileLimit is how large a profile file may be, in bytes.
const fileLimit = 4 << 20

// File is a profile file: what it says, and its text. The methods that change
// it change the text in memory, touching only the lines that are meant; Save
// writes it.
type File struct {
	Path     string
	Missing  bool      // there is no such file yet
	Default  string    // the default profile's name, may be empty
	Profiles []Profile // in file order; change them by Put, Remove and Rename
	Warnings []string  // what is not wrong and yet to be told: a mode that lets others read

	dir    string
	data   []byte // as it will be saved
	loaded []byte // as it was read or last saved
	layout *layout
	broken error
}

// Path is where the profile file is: override (the flag --profiles), else
// AUTHWALK_PROFILES, else authwalk/profiles.toml in XDG_CONFIG_HOME, else in
// the system's folder for settings. getenv is os.Getenv when nil. The error is
// a *flows.UsageError.
func Path(override string, getenv func(string) string) (string, error) {
	if getenv == nil {
		getenv = os.Getenv
	}
	if override != "" {
		return override, nil
	}
	if p := getenv(EnvProfiles); p != "" {
		return p, nil
	}
	// The XDG base directory specification: a relative path is to be ignored.
	dir := getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(dir) {
		if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
			d, err := os.UserConfigDir()
			if err != nil {
				return "", usagef("profiles", "the folder for settings is unknown (%v): name the profile file by --profiles FILE or AUTHWALK_PROFILES", err)
			}
			dir = d
		} else {
			home := getenv("HOME")
			if home == "" {
				return "", usagef("profiles", "the folder for settings is unknown (HOME is not set): name the profile file by --profiles FILE or AUTHWALK_PROFILES")
			}
			dir = filepath.Join(home, ".config")
		}
	}
	return filepath.Join(dir, "authwalk", "profiles.toml"), nil
}

// Load reads a profile file. A file that is not there is empty (Missing). A
// file that cannot be read is a *Error; faults in it are Errors, and the File
// then holds the profiles that have none, for reading only.
func Load(path string) (*File, error) {
	f := &File{Path: path, dir: folderOf(path)}
	data, err := readLimited(path, fileLimit)
	switch {
	case errors.Is(err, fs.ErrNotExist) && path != "":
		f.Missing, f.layout = true, scan(nil)
		return f, nil
	case err != nil:
		f.layout = scan(nil)
		f.broken = &Error{File: path, Msg: "the profile file cannot be used: " + pathFault(path, err, fileLimit)}
		return f, f.broken
	}
	f.data, f.loaded = data, data
	err = f.reread()
	f.warn()
	return f, err
}

// folderOf is where relative paths of a file start, as an absolute path where
// that can be known.
func folderOf(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return filepath.Dir(path)
}

// reread makes profiles of the text.
func (f *File) reread() error {
	c, err := parse(f.Path, f.dir, f.data)
	f.Default, f.Profiles, f.layout, f.broken = c.deflt, c.profiles, c.layout, err
	return err
}

// warn tells of a mode that lets others read or change the file. What is in it
// is no secret, but it says where secrets are and which programs are run: those
// of a file that others can change are not.
func (f *File) warn() {
	st, err := os.Stat(f.Path)
	if err != nil || runtime.GOOS == "windows" || !st.Mode().IsRegular() || st.Mode().Perm()&0o077 == 0 {
		return
	}
	what := "be read"
	if st.Mode().Perm()&0o022 != 0 {
		what = "be changed"
		for i := range f.Profiles {
			f.Profiles[i].loose = f.Path
		}
	}
	f.Warnings = append(f.Warnings, fmt.Sprintf("%s can %s by others (mode %04o): chmod 600 %s", f.Path, what, st.Mode().Perm(), shellWord(f.Path)))
}

// shellWord quotes a path for a shell where it needs it.
func shellWord(s string) string {
	for _, r := range s {
		if !(r < 0x80 && (isBare(byte(r)) || strings.ContainsRune("/.,:+@%", r))) {
			return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
		}
	}
	return s
}

// Names is the names of the profiles in file order.
func (f *File) Names() []string {
	out := make([]string, len(f.Profiles))
	for i, p := range f.Profiles {
		out[i] = p.Name
	}
	return out
}

func (f *File) index(name string) int {
	return slices.IndexFunc(f.Profiles, func(p Profile) bool { return p.Name == name })
}

// Get finds a profile by its name; the empty name is the default one. The
// error, a *flows.UsageError, names what there is.
func (f *File) Get(name string) (Profile, error) {
	if name == "" {
		if f.Default == "" {
			return Profile{}, usagef("profile", "no profile is named and %s has no default: name one by -p NAME (%s)", f.Path, nameList(f.Names()))
		}
		name = f.Default
	}
	if i := f.index(name); i >= 0 {
		return f.Profiles[i].Clone(), nil
	}
	if f.Missing {
		return Profile{}, usagef("profile", "there is no profile %s, for there is no profile file %s yet: authwalk profiles add makes one", show(name), f.Path)
	}
	msg := fmt.Sprintf("there is no profile %s in %s: %s", show(name), f.Path, nameList(f.Names()))
	if n := Near(name, f.Names()); n != "" {
		msg += fmt.Sprintf("; did you mean %s?", n)
	}
	return Profile{}, usagef("profile", "%s", msg)
}
