package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"authwalk/flows"
)

// errLeft tells that the person chose not to go on.
var errLeft = errors.New("left")

// plain walks steps as questions and lines of text: for screen readers, logs,
// terminals that cannot redraw, and the questions of the commands.
type plain struct {
	app       *app
	ctx       context.Context
	text      paint     // what is told
	questions io.Writer // what is asked
	// took is told of every outcome.
	took func(flows.Outcome)
	// suggest gives a default for a field beside its value, by what the fields
	// before it were answered with; nil: none.
	suggest func(flows.Step, flows.Field, flows.Values) string
	// push answers the demo's phone while a push is waited for; nil: nobody does here.
	push func() error
	// eager: an empty line goes on where it can, so that empty lines alone walk
	// to the end.
	eager bool
}

// question asks for a line; an empty one is the default. A secret's default is
// shown masked, and its answer is not shown where the terminal can hide it.
func (p *plain) question(label, def string, secret bool) (string, error) {
	shown := def
	if secret && def != "" {
		shown = flows.Mask
	}
	q := visible(label)
	if shown != "" {
		q += " [" + visible(shown) + "]"
	}
	w := p.questions
	if w == nil {
		w = p.app.env.Stderr
	}
	env := &p.app.env
	stderr := env.Stderr
	env.Stderr = w
	s, err := env.ask(p.ctx, q, secret && env.StdinTTY)
	env.Stderr = stderr
	if !env.StdinTTY { // nothing echoed a line end
		fmt.Fprintln(w)
	}
	if err != nil {
		return "", err
	}
	if s == "" {
		s = def
	}
	return s, nil
}

// yes asks a question of yes or no.
func (p *plain) yes(label string, def bool) (bool, error) {
	d := "no"
	if def {
		d = "yes"
	}
	for {
		s, err := p.question(label+" (yes or no)", d, false)
		if err != nil {
			return false, err
		}
		switch strings.ToLower(strings.TrimSpace(s)) {
		case "y", "yes":
			return true, nil
		case "n", "no":
			return false, nil
		}
		p.text.line("Please answer yes or no.")
	}
}

// follow goes on from an outcome that asks for more, to the end.
func (p *plain) follow(out flows.Outcome) error {
	announced := ""
	refused := out.Err
	for out.Next != nil {
		if err := p.ctx.Err(); err != nil {
			return err
		}
		s := *out.Next
		var fe *flows.Error
		var ue *flows.UsageError
		if errors.As(refused, &ue) {
			p.text.line("%s %s", p.text.sign("fail"), visible(said(refused)))
		}
		if refused != nil && announced != "" && errors.As(refused, &fe) && s.Wait == 0 {
			p.text.line("%s %s", p.text.sign("fail"), visible(said(refused)))
			again, err := p.yes("Try again?", !p.eager)
			if err != nil {
				return err
			}
			if !again {
				return errLeft
			}
		}
		s, err := p.choose(s)
		if err != nil {
			return err
		}
		if s.Title != announced {
			announced = s.Title
			p.text.line("")
			p.text.line("%s", p.text.bold(visible(s.Title)))
			for _, n := range s.Shows {
				p.note(n)
			}
		}
		if out, err = p.take(s); err != nil {
			return err
		}
		refused = out.Err
	}
	return nil
}

// choose lets one take another step instead. A step that waits goes on by itself.
func (p *plain) choose(s flows.Step) (flows.Step, error) {
	if s.Do != nil && (len(s.Others) == 0 || s.Wait > 0) {
		return s, nil
	}
	if len(s.Others) == 0 {
		return s, errLeft
	}
	var titles []string
	var steps []flows.Step
	if s.Do != nil {
		titles, steps = append(titles, s.Title), append(steps, s)
	} else {
		p.text.line("")
		p.text.line("%s", p.text.bold(visible(s.Title)))
		for _, n := range s.Shows {
			p.note(n)
		}
	}
	for _, c := range s.Others {
		titles, steps = append(titles, c.Title), append(steps, c.Step)
	}
	i, err := p.pick("Which way", titles, 0)
	if err != nil {
		return s, err
	}
	return steps[i], nil
}

// pick asks for one of a list, by its number.
func (p *plain) pick(label string, titles []string, def int) (int, error) {
	return p.pickUnder(nil, label, titles, def)
}

// pickUnder asks for one of a list with headings: heads has what stands above a
// row.
func (p *plain) pickUnder(heads map[int]string, label string, titles []string, def int) (int, error) {
	for i, t := range titles {
		if h := heads[i]; h != "" {
			p.text.line("%s", h)
		}
		p.text.line("  %d  %s", i+1, visible(t))
	}
	for {
		how := ", by its number"
		if heads != nil { // a long list is known by its names
			how += " or name"
		}
		a, err := p.question(label+how, strconv.Itoa(def+1), false)
		if err != nil {
			return 0, err
		}
		a = strings.TrimSpace(a)
		if n, err := strconv.Atoi(a); err == nil && n >= 1 && n <= len(titles) {
			return n - 1, nil
		}
		for i, t := range titles { // the name will do too
			if strings.EqualFold(a, t) || strings.HasPrefix(t, a+" ") {
				return i, nil
			}
		}
		p.text.line("There is no %s. A number from 1 to %d.", visible(a), len(titles))
	}
}

// note shows something to read.
func (p *plain) note(n flows.Note) {
	switch n.Kind {
	case flows.NoteQR:
		p.text.line("  %s: %s", n.Title, visible(n.Text))
		return
	case flows.NoteText:
		p.text.para(2, visible(strings.TrimSpace(n.Title+" "+n.Text)))
		return
	}
	mark := " "
	if n.Kind == flows.NoteWarn {
		mark = p.text.sign("warn")
	}
	p.text.line("%s %s", mark, p.text.bold(visible(n.Title)))
	for _, l := range strings.Split(visibleLines(n.Text), "\n") {
		p.text.line("    %s", l)
	}
}

// take asks a step's fields and runs it.
func (p *plain) take(s flows.Step) (flows.Outcome, error) {
	if s.Confirm {
		ok, err := p.yes("Go on?", p.eager)
		if err != nil {
			return flows.Outcome{}, err
		}
		if !ok {
			return flows.Outcome{}, errLeft
		}
	}
	values, err := p.ask(s)
	if err != nil {
		return flows.Outcome{}, err
	}
	if s.Wait > 0 {
		if p.push != nil {
			if err := p.push(); err != nil {
				return flows.Outcome{}, err
			}
		}
		t := time.NewTimer(s.Wait)
		defer t.Stop()
		select {
		case <-t.C:
		case <-p.ctx.Done():
			return flows.Outcome{}, p.ctx.Err()
		}
	}
	out := s.Do(p.ctx, values)
	p.took(out)
	return out, p.ctx.Err()
}

// ask asks all fields of a step.
func (p *plain) ask(s flows.Step) (flows.Values, error) {
	v := flows.Values{}
	for _, f := range s.Fields {
		with, enrols := v["enrol_with"]
		if f.Name == "enrol_to" && enrols && with != "sms" && with != "voice" && with != "email" {
			v[f.Name] = "" // a factor that takes no number or address
			continue
		}
		a, err := p.field(s, f, v)
		if err != nil {
			return nil, err
		}
		v[f.Name] = a
	}
	return v, nil
}

func (p *plain) field(s flows.Step, f flows.Field, before flows.Values) (string, error) {
	def := f.Value
	if p.suggest != nil && def == "" {
		def = p.suggest(s, f, before)
	}
	if f.Kind == flows.KindChoice {
		var titles []string
		at := 0
		for i, o := range f.Options {
			title := o.Label
			if title == "" || !strings.HasPrefix(title, o.Value) {
				title = strings.TrimSpace(o.Value + "  " + title)
			}
			titles = append(titles, title)
			if o.Value == def {
				at = i
			}
		}
		p.text.line("%s: %s", visible(f.Label), visible(f.Help))
		i, err := p.pick(f.Label, titles, at)
		if err != nil {
			return "", err
		}
		return f.Options[i].Value, nil
	}
	label := f.Label
	if f.Help != "" && p.questions != nil {
		label += " (" + f.Help + ")"
	}
	for {
		a, err := p.question(label, def, f.Kind == flows.KindSecret)
		if err != nil {
			return "", err
		}
		if f.Kind == flows.KindCode {
			a = strings.Join(strings.Fields(a), "")
		}
		if a == "-" && !f.Required {
			a = "" // the way to take a default away
		}
		switch {
		case a == "" && f.Required:
			p.text.line("%s is needed.", visible(f.Label))
			continue
		case f.Check != nil:
			if err := f.Check(a); err != nil {
				p.text.line("%s", visible(said(err)))
				continue
			}
		}
		return a, nil
	}
}
