package ui

import (
	"html"
	"strings"
)

// htmlLimit is how much of a page is read as text; htmlWidth is how wide its
// lines become, which is what a narrow pane has.
const (
	htmlLimit = 1 << 20
	htmlWidth = 64
)

// inline are the elements that begin no line.
var inline = map[string]bool{"a": true, "abbr": true, "b": true, "bdi": true, "bdo": true, "big": true, "cite": true, "code": true, "del": true, "dfn": true, "em": true, "font": true, "i": true,
	"ins": true, "kbd": true, "label": true, "mark": true, "q": true, "s": true, "samp": true, "small": true, "span": true, "strong": true, "sub": true, "sup": true, "time": true, "tt": true, "u": true, "var": true, "wbr": true}

// htmlText is what a page says, without its marks: enough to read an error page
// of a gateway, not a browser.
func htmlText(page string) string {
	var b, line strings.Builder
	end := func() {
		for i, l := range wrap(strings.Join(strings.Fields(html.UnescapeString(line.String())), " "), htmlWidth) {
			if l == "" && (i > 0 || b.Len() == 0 || strings.HasSuffix(b.String(), "\n\n")) {
				continue
			}
			b.WriteString(l + "\n")
		}
		line.Reset()
	}
	for page != "" {
		text, rest, ok := strings.Cut(page, "<")
		line.WriteString(text)
		if !ok {
			break
		}
		if strings.HasPrefix(rest, "!--") {
			_, page, _ = strings.Cut(rest[3:], "-->")
			continue
		}
		name := strings.ToLower(rest[:len(rest)-len(strings.TrimLeft(rest, "/!abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))])
		if name == "" {
			line.WriteByte('<')
			page = rest
			continue
		}
		_, page, _ = strings.Cut(rest, ">")
		switch name {
		case "script", "style", "svg", "template":
			for page != "" { // to its end
				_, page, _ = strings.Cut(page, "</")
				if len(page) >= len(name) && strings.EqualFold(page[:len(name)], name) {
					_, page, _ = strings.Cut(page, ">")
					break
				}
			}
		case "li":
			end()
			line.WriteString("- ")
		case "td", "th", "/td", "/th":
			line.WriteByte(' ')
		default:
			if !inline[strings.TrimPrefix(name, "/")] {
				end()
			}
		}
	}
	end()
	return strings.TrimRight(b.String(), "\n")
}
