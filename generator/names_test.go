package generator

import "testing"

func TestPlural(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"": "", "item": "items", "bus": "buses", "box": "boxes", "waltz": "waltzes", "match": "matches", "dish": "dishes",
		"category": "categories", "day": "days", "key": "keys", "y": "ys", "order_line": "order_lines", "status": "statuses", "é": "és",
	} {
		if got := plural(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestCases(t *testing.T) {
	t.Parallel()
	initialisms := []string{"ID", "URL"}
	for _, test := range []struct{ form, name, want string }{
		{"snake", "orderLine", "order_line"},
		{"snake", "order-line", "order_line"},
		{"snake", "HTTPServer", "httpserver"},
		{"kebab", "order_line", "order-line"},
		{"flat", "order_line", "orderline"},
		{"upper", "order_line", "ORDER_LINE"},
		{"words", "order_line", "order line"},
		{"title", "order_line", "Order line"},
		{"title", "", ""},
		{"camel", "user_id", "userID"},
		{"camel", "id_card", "idCard"},
		{"pascal", "url_of_user", "URLOfUser"},
		{"pascal", "élan_vital", "ÉlanVital"},
		{"title", "élan", "Élan"},
		{"pascal", "line_2", "Line2"},
		{"camel", "", ""},
	} {
		if got := cases[test.form](words(test.name), initialisms); got != test.want {
			t.Errorf("%s of %q: %q, want %q", test.form, test.name, got, test.want)
		}
	}
}

func TestReservedNames(t *testing.T) {
	t.Parallel()
	form := nameForm{Case: "camel", Reserved: []string{"class"}, Suffix: "Field"}
	for name, want := range map[string]string{"class": "classField", "order": "order"} {
		if got := (nameForms{}).write(form, name, name+"s"); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	form.Plural = true
	if got := (nameForms{}).write(form, "order", "orders"); got != "orders" {
		t.Error(got)
	}
}

func TestDidYouMean(t *testing.T) {
	t.Parallel()
	choices := []string{"postgres", "mysql", "go"}
	for word, want := range map[string]string{
		"postgre": ", did you mean postgres?", "MySQL": ", did you mean mysql?", "oracle": "", "": "", "js": "", "gi": ", did you mean go?",
	} {
		if got := didYouMean(word, choices); got != want {
			t.Errorf("%q: %q", word, got)
		}
	}
}

func TestShow(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": `""`, "a b": "a b", "\x1b[31m": `\x1b[31m`, "a\nb": `a\nb`, "\xff": `\xff`, "\u202e": `\u202e`, "é": "é", "�": "�", "\u200b": `\u200b`,
	} {
		if got := show(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	long := ""
	for len(long) < 59 {
		long += "a"
	}
	if got := show(long + "éé"); got != long+"…" {
		t.Errorf("cut within a character: %q", got)
	}
}
