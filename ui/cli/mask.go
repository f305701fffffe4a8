package cli

import (
	"authwalk/flows"
	"authwalk/flows/diagnosis"
	"authwalk/flows/rawjson"
	"authwalk/flows/report"
)

// redactor knows every secret of a result; everything that is printed of its
// exchanges, and all text that servers chose, goes through it.
func (r *result) redactor() *report.Redactor {
	if r.red == nil {
		r.red = report.NewRedactor(report.Options{})
	}
	r.red.Config(r.cfg)
	r.red.Session(r.session)
	for _, t := range r.known {
		r.red.Know(t)
	}
	return r.red
}

// maskedFindings is a diagnosis in which no server has hidden a secret.
func maskedFindings(red *report.Redactor, fs []diagnosis.Finding) []diagnosis.Finding {
	list := func(in []string) []string {
		var out []string
		for _, s := range in {
			out = append(out, red.Text(s))
		}
		return out
	}
	var out []diagnosis.Finding
	for _, f := range fs {
		f.Title, f.Why, f.Fix, f.Where = red.Text(f.Title), red.Text(f.Why), list(f.Fix), list(f.Where)
		out = append(out, f)
	}
	return out
}

// maskedValue is a token's header or claims, without the secrets that are known.
func maskedValue(red *report.Redactor, v rawjson.Value) rawjson.Value {
	text := v.JSON()
	masked := red.Text(text)
	if masked == text || v.IsZero() {
		return v
	}
	w, _, err := rawjson.Parse([]byte(masked))
	if err != nil {
		return red.Value(v)
	}
	return w
}

// maskedCall is the answer of an API call for the JSON: whole, but for secrets.
func maskedCall(red *report.Redactor, ex flows.Exchange) *objectCall {
	red.Learn(ex)
	o := &objectCall{Method: ex.Method, URL: red.URL(ex.URL), Status: ex.Status, BodyBytes: ex.BodySize, DurationMS: ex.Timings.Total.Milliseconds()}
	if ex.Status != 0 {
		body := red.Text(string(ex.Body))
		o.Headers, o.Body = red.Headers(ex.Header), &body
	}
	return o
}
