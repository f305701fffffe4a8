// Package profiles knows the profile file: tenants' set-ups in TOML, and the
// references that stand where secrets belong. It finds and reads the file, says
// exactly what is wrong in it, changes it without touching what was not meant,
// resolves references, and fills a profile from what people paste.
//
// It does not know how requests are made, what a flow is made of, or how
// anything is asked of a person: a secret that must be asked for is told to the
// caller. No secret is ever in an error of this package.
package profiles
