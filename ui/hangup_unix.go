//go:build unix

package ui

import (
	"os"
	"syscall"
)

// hangup is the signal of a terminal that went away.
func hangup() os.Signal { return syscall.SIGHUP }
