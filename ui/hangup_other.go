//go:build !unix

package ui

import "os"

// hangup is nil: there is no such signal here.
func hangup() os.Signal { return nil }
