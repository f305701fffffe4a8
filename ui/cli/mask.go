package cli

import (
	"authwalk/flows"
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
		o.Headers, o.Body = red.Headers(ex.Header).Headers, &body
	}
	return o
}
