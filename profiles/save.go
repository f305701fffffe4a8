package profiles

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"authwalk/flows"
)

// ErrChanged is what Save gives when the file on disk is not the one that was
// read: somebody else wrote it since. errors.Is finds it.
var ErrChanged = errors.New("the file was changed since it was read")

// SaveError says why a profile file could not be written. The file on disk is
// as it was. It is a usage error: exit code 2.
type SaveError struct {
	File string
	Msg  string
	Err  error
}

func (e *SaveError) Error() string {
	return e.File + " was not saved and is as it was: " + e.Msg
}

// Unwrap gives the cause and the usage error that this is.
func (e *SaveError) Unwrap() []error {
	return []error{e.Err, &flows.UsageError{What: "profiles", Msg: e.Error()}}
}

// writeAll writes and syncs a temporary file. Tests put a full disk in its place.
var writeAll = func(f *os.File, data []byte) error {
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Sync()
}

// Save writes the file: whole, to a temporary file of mode 0600 in the same
// folder, which is then renamed over it, so that at any moment there is the old
// file or the new one. A symbolic link stays one: what it leads to is
// replaced. A folder that is missing is made, for its owner alone. Errors: a
// *SaveError, with ErrChanged in it when another program wrote the file since
// it was read.
func (f *File) Save() error {
	fail := func(err error, format string, a ...any) error {
		return &SaveError{File: f.Path, Msg: fmt.Sprintf(format, a...), Err: err}
	}
	if err := f.editable(); err != nil {
		return err
	}
	target, err := target(f.Path)
	if err != nil {
		return fail(err, "its path cannot be followed (%v)", cause(err))
	}
	folder := filepath.Dir(target)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fail(err, "the folder %s cannot be made (%v)", folder, cause(err))
	}
	if msg, err := f.unchanged(target); msg != "" {
		return fail(err, "%s", msg)
	}
	if !f.Missing && bytes.Equal(f.data, f.loaded) {
		return nil
	}
	tmp, err := os.CreateTemp(folder, ".profiles-*.tmp") // mode 0600
	if err != nil {
		return fail(err, "%s", writeFault(folder, err))
	}
	name := tmp.Name()
	defer os.Remove(name) // after the rename there is none
	err = writeAll(tmp, f.data)
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err != nil {
		return fail(err, "%s", writeFault(folder, err))
	}
	// Once more, now that the writing took its time: what is left is the moment
	// between this look and the rename.
	if msg, err := f.unchanged(target); msg != "" {
		return fail(err, "%s", msg)
	}
	if err := os.Rename(name, target); err != nil {
		return fail(err, "%s", writeFault(folder, err))
	}
	if d, err := os.Open(folder); err == nil { // so that the rename survives a power cut, where a system knows that
		_ = d.Sync()
		_ = d.Close()
	}
	f.loaded, f.Missing, f.Warnings = f.data, false, nil
	return nil
}

// target follows symbolic links, also one that leads to no file yet.
func target(path string) (string, error) {
	for range 40 {
		st, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return path, nil
		}
		if err != nil {
			return "", err
		}
		if st.Mode()&fs.ModeSymlink == 0 {
			return path, nil
		}
		to, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return "", errors.New("too many of them")
}

// unchanged looks whether the file on disk is still what was read.
func (f *File) unchanged(target string) (string, error) {
	const again = "another program changed it since it was read: load it again and repeat the change"
	st, err := os.Stat(target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if f.Missing {
			return "", nil
		}
		return "it was removed or renamed since it was read: load it again and repeat the change", ErrChanged
	case err != nil:
		return fmt.Sprintf("it cannot be looked at (%v)", cause(err)), err
	case !st.Mode().IsRegular():
		return "it is no regular file", fs.ErrInvalid
	case runtime.GOOS != "windows" && st.Mode().Perm()&0o200 == 0:
		return fmt.Sprintf("it is read-only (mode %04o): chmod u+w %s if it may be changed", st.Mode().Perm(), shellWord(target)), fs.ErrPermission
	case f.Missing:
		return again, ErrChanged
	}
	now, err := readLimited(target, fileLimit)
	if err != nil {
		return pathFault(target, err, fileLimit), err
	}
	if !bytes.Equal(now, f.loaded) {
		return again, ErrChanged
	}
	return "", nil
}

func cause(err error) error {
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

func writeFault(folder string, err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return "the disk is full: make room and save again"
	case errors.Is(err, syscall.EROFS):
		return fmt.Sprintf("%s is on a read-only file system: name another file by --profiles or AUTHWALK_PROFILES", folder)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf("you must not write into %s: mend its owner or mode, or name another file by --profiles or AUTHWALK_PROFILES", folder)
	}
	return fmt.Sprintf("writing into %s failed (%v)", folder, cause(err))
}
