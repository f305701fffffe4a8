package flows

import (
	"bytes"
	"io"
	"os"
	"sync"
	"sync/atomic"
)

// Spool takes a body as it streams in: the first part is kept in memory, and
// when there is more all of it goes to a temporary file (0600) that Close
// removes. A screen reads Size on its tick; no callback runs.
type Spool struct {
	size atomic.Int64
	cut  atomic.Bool

	mu   sync.Mutex
	head []byte
	file *os.File
}

// Size is how many bytes came so far.
func (s *Spool) Size() int64 { return s.size.Load() }

// Cut tells that the body was longer than what is ever kept.
func (s *Spool) Cut() bool { return s.cut.Load() }

// Head is the part in memory.
func (s *Spool) Head() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.head
}

// OnDisk tells that the body is larger than Head and is in a file.
func (s *Spool) OnDisk() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.file != nil
}

// Open gives a reader over all that came. Close it after use.
func (s *Spool) Open() (io.ReadSeekCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nopSeeker{bytes.NewReader(s.head)}, nil
	}
	return os.Open(s.file.Name())
}

type nopSeeker struct{ *bytes.Reader }

func (nopSeeker) Close() error { return nil }

// Close removes the file, if there is one.
func (s *Spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil
	}
	name := s.file.Name()
	err := s.file.Close()
	if e := os.Remove(name); err == nil {
		err = e
	}
	s.file = nil
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
			s.size.Add(int64(n))
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
	if s.file == nil {
		if len(s.head)+len(p) <= limitMemory {
			s.head = append(s.head, p...)
			return nil
		}
		f, err := os.CreateTemp("", "authwalk-answer-*")
		if err != nil {
			return err
		}
		s.file = f
		if _, err := f.Write(s.head); err != nil {
			return err
		}
	}
	_, err := s.file.Write(p)
	return err
}
