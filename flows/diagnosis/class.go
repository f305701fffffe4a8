package diagnosis

// Class says how far a request came: the class of an error in the JSON output.
type Class string

// The classes. None is a success.
const (
	ClassNone       Class = ""
	ClassNetwork    Class = "network"
	ClassNotOAuth   Class = "not-oauth"
	ClassClient     Class = "client"
	ClassUser       Class = "user"
	ClassMFA        Class = "mfa"
	ClassThrottled  Class = "throttled"
	ClassValidation Class = "validation"
	ClassScopes     Class = "scopes"
	ClassAPI        Class = "api"
)

// Exit codes of the program.
const (
	ExitGood        = 0
	ExitOurs        = 1 // a fault of authwalk
	ExitUsage       = 2 // bad flag, profile or reference; something missing
	ExitNetwork     = 3 // network, or a reply that is no OAuth reply
	ExitClient      = 4 // client and set-up
	ExitUser        = 5 // credentials, refresh token, user gone
	ExitMFA         = 6
	ExitThrottled   = 7 // blocked or throttled
	ExitValidation  = 8 // a check of a token failed
	ExitScopes      = 9 // a required scope is missing
	ExitAPI         = 10
	ExitInterrupted = 130
)

// Exit is the exit code of the class.
func (c Class) Exit() int {
	switch c {
	case ClassNone:
		return ExitGood
	case ClassNetwork, ClassNotOAuth:
		return ExitNetwork
	case ClassClient:
		return ExitClient
	case ClassUser:
		return ExitUser
	case ClassMFA:
		return ExitMFA
	case ClassThrottled:
		return ExitThrottled
	case ClassValidation:
		return ExitValidation
	case ClassScopes:
		return ExitScopes
	case ClassAPI:
		return ExitAPI
	}
	return ExitOurs
}

// Classify says which class the evidence belongs to. It is ClassNone for a
// success, and agrees with the first finding of [Diagnose].
func Classify(ev Evidence) Class {
	_, class := diagnose(&ev)
	return class
}
