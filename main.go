// Command authwalk tests auth flows in the terminal. All its logic is in ui/cli.
package main

func main() {}
