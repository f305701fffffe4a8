// Package cli is the commands of authwalk: it reads flags, the environment and
// profiles, walks flows without screens, and prints what came of it as text or
// JSON, with the exit codes that scripts rely on. It starts the screens and the
// loopback tenant.
//
// It knows no grant and no rule about tokens: flows has them. What a run needs
// from outside (arguments, environment, terminal, clock, network) comes in one
// [Env], so that tests run whole commands in process.
package cli
