// Package ptytest runs a program in a pseudo-terminal in front of an emulator,
// so that a test sees the screen as a person does: cells with colours, a cursor,
// the terminal's modes. It is for tests of the real program; what can be tested
// with package drive alone is, for that is faster.
//
//	func TestMain(m *testing.M) { os.Exit(ptytest.Main(m)) }
//
//	p := ptytest.Start(t, ptytest.Options{Cols: 80, Rows: 24}, ptytest.Build(t), "demo")
//	p.WaitFor(t, `1 Tenant`)
//	p.Send("\r")
//	p.WaitFor(t, `Password`)
//	p.Signal(syscall.SIGTERM)
//	if code := p.Exit(t); code != 0 { … }
//	if err := p.Restored(); err != nil { … }
//
// Waiting is by events: a condition is looked at again after each piece of
// output. The keys are the bytes that terminals send: enter "\r", tab "\t",
// shift+tab "\x1b[Z", up and down "\x1b[A" "\x1b[B", right and left "\x1b[C"
// "\x1b[D", esc "\x1b", ctrl+c "\x03", f1 "\x1bOP". A lone esc that other keys
// follow at once is read as alt with that key: wait for the screen in between.
//
// A program that is to be stopped by ctrl+z needs a shell with job control
// between it and the terminal, for the kernel does not stop a group without a
// parent in the session: start bash --norc --noprofile -i and the program in it.
//
// It works on Linux, macOS and the BSDs; elsewhere the package is empty.
package ptytest
