package ui

import "authwalk/flows"

// sampleWalk is a walk that goes nowhere, to ask screens for their keys.
func sampleWalk(a *App) *walk {
	cfg := flows.Config{Name: "sample", Domain: "sample.example", ClientID: "x", Username: "x"}
	c, err := flows.NewClient(cfg, flows.ClientOptions{})
	if err != nil {
		return nil
	}
	return newWalk(a, "sample", "sample", cfg, c, nil)
}
