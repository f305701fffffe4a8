//go:build race

package ui

// Under the race detector looking at a frame takes a hundred times as long, and
// frames are drawn on one goroutine: a few sizes are enough there.
func init() {
	gridWidths, gridHeights = []int{1, 60, 120}, []int{1, 16, 36}
	hostileSizes, goldenSizes = hostileSizes[:1], goldenSizes[:1]
	largeBytes = 5 << 20
	modelRuns = 6
}
