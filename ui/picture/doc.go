// Package picture turns a frame of the screen into pictures that can be shared:
// SVG, PNG, animated SVG, and recordings as asciicast.
//
// Read takes what a Bubble Tea model's View gave, text with SGR codes, into a
// Grid: cells with colours and attributes. A Painter draws grids. It brings its
// font (DejaVu Sans Mono) with it and draws borders and blocks as shapes, so
// that lines meet and the same grid gives the same bytes on each machine,
// whatever is installed there. SVG files hold outlines and need no font either.
//
// The package knows cells and pixels only: nothing of the program, of tokens or
// of secrets. What must not be seen has to be masked before a frame is drawn.
package picture
