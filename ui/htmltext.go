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
const inline = " a abbr b bdi bdo big cite code del dfn em font i ins kbd label mark q s samp small span strong sub sup time tt u var wbr "

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
			if !strings.Contains(inline, " "+strings.TrimPrefix(name, "/")+" ") {
				end()
			}
		}
	}
	end()
	return strings.TrimRight(b.String(), "\n")
}
