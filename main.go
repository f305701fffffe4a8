// Command authwalk walks a person through an OAuth flow in the terminal, one
// step at a time, and explains what came back: the tokens, every check, every
// scope, and, when the tenant refuses, why and which setting to change.
//
// All its logic is in ui/cli; authwalk --help says what it can do.
package main

import (
	"os"

	"authwalk/ui/cli"
)

func main() { os.Exit(cli.Main(cli.System())) }
