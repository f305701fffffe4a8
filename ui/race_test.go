//go:build race

package ui

// Under the race detector looking at a frame takes a hundred times as long, and
// frames are drawn on one goroutine: a few sizes are enough there.
func init() {
	gridWidths, gridHeights = []int{1, 60, 120}, []int{1, 16, 36}
	hostileSizes = hostileSizes[:1]
}
