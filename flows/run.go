package flows

import (
	"context"
	"errors"
	"time"
)

// Runner walks a flow where nobody presses keys: it answers each step from
// what is known, and stops where something is missing.
type Runner struct {
	Client *Client
	// Answer gives the answer to a field of a step after the first; ok is
	// false when there is none. It may ask a person. nil: there is never one.
	Answer func(Step, Field) (value string, ok bool)
	// Wait limits how long a push is polled for. None is sent when that is over
	// before the first poll.
	Wait time.Duration
	// Took is told of every outcome, in order.
	Took func(Outcome)
}

// ErrNoAnswer tells that a step asked for something that nobody could answer.
var ErrNoAnswer = errors.New("there is nothing to answer with")

// Run walks from a step to its end and gives the last outcome. When a step
// cannot be answered, that is the outcome that asked, with its error
// (mfa_required, say).
func (r Runner) Run(ctx context.Context, s Step, v Values) Outcome {
	out := r.do(ctx, s, v)
	deadline := r.Client.Clock.Mono() + r.Wait
	refusal := out.Err
	for out.Next != nil && ctx.Err() == nil {
		var foreign *ForeignHostError
		if errors.As(out.Err, &foreign) {
			return out // nobody is there to be asked
		}
		next, values, ok := r.pick(*out.Next)
		if !ok {
			break
		}
		if next.Wait > 0 {
			if r.Client.Clock.Mono()+next.Wait > deadline {
				break
			}
			if !sleep(ctx, next.Wait) {
				break
			}
		}
		out = r.do(ctx, next, values)
		if out.Err != nil {
			refusal = out.Err
			if out.Next == nil || out.Next.Wait == 0 {
				return out // a wrong code is not sent twice, nor another factor bothered
			}
		}
	}
	if out.Tokens == nil && out.Answer == nil && out.Err == nil {
		switch {
		case ctx.Err() != nil:
			out.Err = canceledError(ctx.Err())
		case refusal != nil:
			out.Err = refusal
		default:
			out.Err = ErrNoAnswer
		}
	}
	return out
}

func (r Runner) do(ctx context.Context, s Step, v Values) Outcome {
	if s.Do == nil {
		return Outcome{Next: &s}
	}
	out := s.Do(ctx, v)
	if r.Took != nil {
		r.Took(out)
	}
	return out
}

// pick finds the step that can be answered: the one at hand, else one of the
// others beside it. What was given comes before a push, which bothers a person.
func (r Runner) pick(s Step) (Step, Values, bool) {
	all := []Step{s}
	for _, c := range s.Others {
		all = append(all, c.Step)
	}
	for _, polls := range []bool{false, true} {
		for _, s := range all {
			if (s.Polls > 0) != polls || s.Polls > r.Wait {
				continue
			}
			if v, ok := r.answers(s); ok {
				return s, v, true
			}
		}
	}
	return Step{}, nil, false
}

func (r Runner) answer(s Step, f Field) (string, bool) {
	if r.Answer == nil {
		return "", false
	}
	return r.Answer(s, f)
}

func (r Runner) answers(s Step) (Values, bool) {
	if s.Do == nil || s.Confirm {
		return nil, false
	}
	for _, n := range s.Needs {
		if _, ok := r.answer(s, Field{Name: n}); !ok {
			return nil, false
		}
	}
	v := Values{}
	for _, f := range s.Fields {
		a, ok := r.answer(s, f)
		if !ok {
			if f.Required && f.Value == "" {
				return nil, false
			}
			a = f.Value
		}
		v[f.Name] = a
	}
	return v, true
}

// sleep waits, and tells whether the context let it.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
