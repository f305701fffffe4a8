package flows

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
)

// Spool takes a body as it streams in: the first part is kept in memory, and
// when there is more all of it goes to a temporary file (0600). Where the
// system allows it the file has no name from the start, so that nothing is left
// behind even by a crash; elsewhere Close removes it. A screen reads Size on
// its tick; no callback runs.
type Spool struct {
	size atomic.Int64
	cut  atomic.Bool

	mu     sync.Mutex
	head   []byte
	file   *os.File
	name   string // of the file, while it has one
	closed bool
}

// Size is how many bytes came so far.
func (s *Spool) Size() int64 { return s.size.Load() }

// Cut tells that the body was longer than what is ever kept.
func (s *Spool) Cut() bool { return s.cut.Load() }

// Head is the part in memory. It is not to be changed.
func (s *Spool) Head() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.head[:len(s.head):len(s.head)]
}

// onDisk tells that the body is larger than Head and is in a file.
func (s *Spool) onDisk() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.file != nil
}

// Open gives a reader over all that came so far. Close it after use. It ends
// with an error once the spool is closed and the body was on disk.
func (s *Spool) Open() (io.ReadSeekCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.file != nil:
		return nopCloser{io.NewSectionReader(s.file, 0, s.size.Load())}, nil
	case s.closed && s.size.Load() > int64(len(s.head)):
		return nil, fmt.Errorf("the rest of the answer is gone: %w", os.ErrClosed)
	}
	return nopCloser{bytes.NewReader(s.head)}, nil
}

type nopCloser struct{ io.ReadSeeker }

func (nopCloser) Close() error { return nil }

// Close gives up what is on disk. A body that is still coming in is taken no
// further.
func (s *Spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return s.drop()
}

// drop closes the file and removes it, if it still has a name.
func (s *Spool) drop() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	s.file = nil
	if s.name != "" {
		if e := os.Remove(s.name); err == nil {
			err = e
		}
		s.name = ""
	}
	return err
}

// fill reads to the end or the limit.
func (s *Spool) fill(r io.Reader) error {
	buf := make([]byte, 64<<10)
	for {
		n, err := r.Read(buf)
		if n > 0 {
			if room := limitAnswer - s.size.Load(); int64(n) > room {
				n = int(room)
				s.cut.Store(true)
			}
			if e := s.write(buf[:n]); e != nil {
				return e
			}
			if s.Cut() {
				return nil
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (s *Spool) write(p []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return fmt.Errorf("the answer is not wanted any more: %w", os.ErrClosed)
	case s.file == nil && len(s.head)+len(p) <= limitMemory:
		s.head = append(s.head, p...)
		s.size.Add(int64(len(p)))
		return nil
	case s.file == nil:
		if err := s.create(); err != nil {
			return fmt.Errorf("the answer is too large for memory and cannot be put aside: %w", err)
		}
	}
	// What a full disk cuts off is not counted: a reader ends before it.
	n, err := s.file.WriteAt(p, s.size.Load())
	s.size.Add(int64(n))
	if err != nil {
		return fmt.Errorf("the answer cannot be put aside: %w", err)
	}
	return nil
}

// create makes the file with what is in memory.
func (s *Spool) create() error {
	f, err := os.CreateTemp("", "authwalk-answer-*") // 0600
	if err != nil {
		return err
	}
	s.file = f
	if os.Remove(f.Name()) != nil { // Windows keeps open files
		s.name = f.Name()
	}
	if _, err := f.WriteAt(s.head, 0); err != nil {
		_ = s.drop() // what is in memory is kept
		return err
	}
	return nil
}
