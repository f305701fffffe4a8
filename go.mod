module authwalk

go 1.26.0

require (
	github.com/BurntSushi/toml v1.6.0 // the profile file
	github.com/atotto/clipboard v0.1.4 // the system clipboard; bubbles needs it too
	github.com/aymanbagabas/go-osc52/v2 v2.0.1 // the clipboard through the terminal; lipgloss needs it too
	github.com/boombuler/barcode v1.0.1-0.20190219062509-6c824513bacc // QR codes of an enrolment; otp needs it too
	github.com/charmbracelet/bubbles v1.0.0 // text inputs
	github.com/charmbracelet/bubbletea v1.3.10 // the screens
	github.com/charmbracelet/lipgloss v1.1.0 // styles and layout of the screens
	github.com/charmbracelet/ultraviolet v0.0.0-20260303162955-0b88c25f3fff // cells of the emulator in tests
	github.com/charmbracelet/x/ansi v0.11.7 // widths and SGR of frames; bubbletea needs it too
	github.com/charmbracelet/x/vt v0.0.0-20260913004009-c615ff2f7805 // the emulator in tests
	github.com/creack/pty v1.1.24 // pseudo-terminals in tests
	github.com/go-fonts/dejavu v0.3.2 // the font of the pictures, which a test packs
	github.com/golang-jwt/jwt/v5 v5.3.1 // signatures of tokens and assertions
	github.com/itchyny/gojq v0.12.19 // jq filters over API answers
	github.com/kballard/go-shellquote v0.0.0-20180428030007-95032a82bc51 // words of cmd: references
	github.com/muesli/termenv v0.16.0 // what colours a terminal has; lipgloss needs it too
	github.com/pquerna/otp v1.5.0 // one-time codes (RFC 6238)
	github.com/spf13/cobra v1.10.2 // the commands
	github.com/spf13/pflag v1.0.9 // their flags; cobra needs it too
	github.com/zalando/go-keyring v0.2.8 // keyring: references
	go.uber.org/goleak v1.3.0 // goroutines left behind, in tests
	golang.org/x/image v0.47.0 // outlines of the font, in that test
	golang.org/x/sys v0.49.0 // terminal modes, in tests and for prompts
	golang.org/x/term v0.47.0 // is it a terminal, secrets without echo
)

require (
	github.com/charmbracelet/colorprofile v0.4.2 // indirect
	github.com/charmbracelet/x/cellbuf v0.0.15 // indirect
	github.com/charmbracelet/x/exp/ordered v0.1.0 // indirect
	github.com/charmbracelet/x/term v0.2.2 // indirect
	github.com/charmbracelet/x/termios v0.1.1 // indirect
	github.com/charmbracelet/x/windows v0.2.2 // indirect
	github.com/clipperhouse/displaywidth v0.11.0 // indirect
	github.com/clipperhouse/uax29/v2 v2.7.0 // indirect
	github.com/danieljoos/wincred v1.2.3 // indirect
	github.com/erikgeiser/coninput v0.0.0-20211004153227-1c3628e74d0f // indirect
	github.com/godbus/dbus/v5 v5.2.2 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/itchyny/timefmt-go v0.1.9 // indirect
	github.com/lucasb-eyer/go-colorful v1.4.0 // indirect
	github.com/mattn/go-isatty v0.0.24 // indirect
	github.com/mattn/go-localereader v0.0.1 // indirect
	github.com/mattn/go-runewidth v0.0.23 // indirect
	github.com/muesli/ansi v0.0.0-20230316100256-276c6243b2f6 // indirect
	github.com/muesli/cancelreader v0.2.2 // indirect
	github.com/rivo/uniseg v0.4.7 // indirect
	github.com/xo/terminfo v0.0.0-20220910002029-abceb7e1c41e // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)
