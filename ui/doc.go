// Package ui holds the screens: a Bubble Tea program that walks a person
// through a flow, step by step, and shows what came back.
//
// It knows flows as chains of steps and what a session has gathered; it knows
// profiles. It does not know grants, how requests are made, the command line,
// or the loopback tenant: what only the demo has comes in through the Demo
// interface among its Options.
//
// # How it is made
//
// One tea.Model, the App, routes messages, measures and composes. Screens are
// pointers that draw from the session's data; one file holds one screen. A key,
// its help, its handler and the reason why it does nothing are one record, an
// action, which the footer, the help, the palette and the dispatcher all read.
//
// # The rules it keeps
//
// No input or output in Update or View. Asynchronous work is a task: a fresh
// id and its own cancel; a late reply is dropped, but what went over the wire
// is kept. All text from outside goes through say, which makes control
// characters visible; all styles are in the theme; a frame is never wider or
// higher than the window.
package ui
