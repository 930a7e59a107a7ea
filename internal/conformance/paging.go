package conformance

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

var pagingChecks = []check{
	{id: "resources.paging.empty", title: `A list without records is {"items":[],"next_cursor":null}.`, run: each(emptyList)},
	{id: "resources.paging.order", title: "A list is newest first, in a constant order, and its items are the records.", run: each(listOrder)},
	{id: "resources.paging.pages", title: "Pages have as many items as limit says, and next_cursor is null on the last one, also when it is full.", run: each(pages)},
	{id: "resources.paging.limit", title: "limit is 1 to 100 in plain digits, once; everything else is 422. Unknown parameters are ignored.", run: each(limits)},
	{id: "resources.paging.forged", title: "A cursor that is none of the service's is 422.", run: each(forgedCursors)},
	{id: "resources.paging.tampered", title: "A cursor of the service with one character changed is 422.", run: each(tamperedCursor)},
	{id: "resources.paging.stable", title: "Rows added or deleted meanwhile never shift or repeat others.", run: each(stablePaging)},
	{id: "resources.paging.private", title: "A cursor of another user shows none of that user's records.", run: each(cursorOfAnother)},
}

var cursors = lazyRegexp(`^[A-Za-z0-9_-]+$`)

// page reads one page, checks its shape, and returns the records and the next cursor.
func (p *probe) page(as *account, r resource, query string) (items []map[string]any, cursor string) {
	path := r.path
	if query != "" {
		path += "?" + query
	}
	a := p.must(p.get(as, path), http.StatusOK)
	object := a.object()
	list, isList := object["items"].([]any)
	next, isText := object["next_cursor"].(string)
	if mediaType(a.header) != "application/json" || !isList || !slices.Equal(sortedKeys(object), []string{"items", "next_cursor"}) ||
		(isText && !cursors().MatchString(next)) || (!isText && object["next_cursor"] != nil) {
		p.wrong(a, `{"items":[…],"next_cursor":…} with a cursor of [A-Za-z0-9_-]+ or null`)
		panic(ended{})
	}
	for _, item := range list {
		record, _ := item.(map[string]any)
		if fault := r.shapeFault(record); fault != "" {
			p.wrong(a, "items that are records: %s", fault)
			panic(ended{})
		}
		items = append(items, record)
	}
	return items, next
}

// list reads all pages.
func (p *probe) list(as *account, r resource, limit int) []map[string]any {
	var all []map[string]any
	query := fmt.Sprintf("limit=%d", limit)
	for range 200 {
		items, cursor := p.page(as, r, query)
		all = append(all, items...)
		if cursor == "" {
			return all
		}
		query = fmt.Sprintf("limit=%d&cursor=%s", limit, cursor)
	}
	p.fatal("GET %s\nexpected a last page\ngot 200 pages and no end", r.path)
	return nil
}

// fill empties the list and makes some records, each in a millisecond of its own.
func (p *probe) fill(as *account, r resource, count int) []map[string]any {
	p.atLeast(r, count)
	p.clear(as, r)
	var records []map[string]any
	for range count {
		records = append(records, p.create(as, r))
		p.pause(2 * time.Millisecond)
	}
	return records
}

func idsOf(records []map[string]any) []string {
	var ids []string
	for _, record := range records {
		ids = append(ids, fmt.Sprint(record["id"]))
	}
	return ids
}

func emptyList(p *probe, r resource) {
	user := p.user(0)
	p.clear(user, r)
	for _, query := range []string{"", "limit=1", "limit=100"} {
		if items, cursor := p.page(user, r, query); len(items) > 0 || cursor != "" {
			p.fail("GET %s?%s\nexpected no items and next_cursor null\ngot %d items, cursor %q", r.path, query, len(items), cursor)
		}
	}
}

func listOrder(p *probe, r resource) {
	user := p.user(0)
	records := p.fill(user, r, 6)
	slices.Reverse(records)
	items, _ := p.page(user, r, "limit=100")
	if wanted, got := idsOf(records), idsOf(items); !slices.Equal(wanted, got) {
		p.fail("GET %s?limit=100\nexpected newest first: %s\ngot %s", r.path, strings.Join(wanted, " "), strings.Join(got, " "))
		return
	}
	for i := range items {
		if different := r.sameRecord(records[i], items[i]); different != "" {
			p.fail("GET %s?limit=100\nexpected the records as they were made: %s\ngot %s", r.path, different, shown(fmt.Sprint(items[i]), 300))
		}
	}
	// "Within one millisecond the order is free, but constant."
	var calls []call
	for range 4 {
		calls = append(calls, call{method: http.MethodPost, path: r.path, as: user, body: p.values(r).json()})
	}
	p.atLeast(r, 12)
	p.together(calls)
	first := idsOf(p.list(user, r, 100))
	for i, id := range first[1:] {
		if id[:13] > first[i][:13] {
			p.fail("GET %s\nexpected descending ids\ngot %s before %s", r.path, first[i], id)
		}
	}
	for _, limit := range []int{100, 3, 1} {
		if again := idsOf(p.list(user, r, limit)); !slices.Equal(first, again) {
			p.fail("GET %s?limit=%d\nexpected the same order each time: %s\ngot %s", r.path, limit, strings.Join(first, " "), strings.Join(again, " "))
		}
	}
	// A change does not move a record.
	p.must(p.patch(user, r.path+"/"+first[len(first)-1], p.change(r, records[len(records)-1]).json()), http.StatusOK)
	if again := idsOf(p.list(user, r, 100)); !slices.Equal(first, again) {
		p.fail("GET %s\nexpected the order to stay after a PATCH: %s\ngot %s", r.path, strings.Join(first, " "), strings.Join(again, " "))
	}
}

func pages(p *probe, r resource) {
	user := p.user(0)
	wanted := idsOf(p.fill(user, r, 12))
	slices.Reverse(wanted)
	for _, limit := range []int{1, 4, 5, 12, 100} {
		var got []string
		query, lengths := fmt.Sprintf("limit=%d", limit), []int{}
		for range 20 {
			items, cursor := p.page(user, r, query)
			lengths = append(lengths, len(items))
			got = append(got, idsOf(items)...)
			if cursor == "" {
				break
			}
			query = fmt.Sprintf("cursor=%s&limit=%d", cursor, limit)
		}
		full := make([]int, 0, 12)
		for left := 12; left > 0; left -= limit {
			full = append(full, min(left, limit))
		}
		if !slices.Equal(lengths, full) {
			p.fail("GET %s?limit=%d, page by page\nexpected pages of %s items, the last with next_cursor null\ngot %s", r.path, limit, describe(full), describe(lengths))
		} else if !slices.Equal(got, wanted) {
			p.fail("GET %s?limit=%d, page by page\nexpected every record once, newest first: %s\ngot %s", r.path, limit, strings.Join(wanted, " "), strings.Join(got, " "))
		}
	}
	if items, _ := p.page(user, r, ""); len(items) == 0 {
		p.fail("GET %s\nexpected items without a limit as well\ngot none", r.path)
	}
	if items, _ := p.page(user, r, "limit=2&unknown=1"); len(items) != 2 {
		p.fail("GET %s?limit=2&unknown=1\nexpected the unknown parameter to be ignored\ngot %d items", r.path, len(items))
	}
}

func limits(p *probe, r resource) {
	user := p.user(0)
	for _, limit := range []string{"1", "20", "100"} {
		p.page(user, r, "limit="+limit)
	}
	for _, limit := range []string{"0", "101", "-1", "1000", "abc", "1.5", "1e1", "0x5", "%D9%A3", "99999999999999999999", "null", "true", "5x", "%00", "1,2", "", "05", "%2B5", "5%20", "%205", "5%0A", "5&limit=6", "5&limit="} {
		a := p.get(user, r.path+"?limit="+limit)
		p.names(a, http.StatusUnprocessableEntity, "limit")
	}
	for _, query := range []string{"foo=x", "Limit=x", "limit[]=5", "limit[$gt]=1"} {
		p.status(p.get(user, r.path+"?"+query), http.StatusOK)
	}
	for _, query := range []string{"limit=%zz", "cursor=%zz"} {
		p.status(p.send(call{method: http.MethodGet, path: r.path + "?" + query, as: user, byHand: true}), http.StatusUnprocessableEntity, http.StatusBadRequest)
	}
	for _, query := range []string{"cursor=", "cursor", "limit"} { // the contract is silent
		p.status(p.get(user, r.path+"?"+query), http.StatusOK, http.StatusUnprocessableEntity)
	}
}

func forgedCursors(p *probe, r resource) {
	user := p.user(0)
	encode := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	for _, cursor := range []string{
		"x", "0", "1", "abc", "forged", "AAAA", "null", encode("1"), encode("10"), encode(`{"offset":10}`), encode(`{"id":"x"}`), encode("not-a-uuid"), encode("\x00"),
		strings.Repeat("A", 22), strings.Repeat("A", 500), "-", "_", "%00", "%FF", "%20", "%F0%9F%98%80", "a%20b", "a.b", "a%2Fb", "%27", "$ne", encode(`' OR 1=1--`), "..", "=", "AA==",
	} {
		p.names(p.get(user, r.path+"?cursor="+cursor), http.StatusUnprocessableEntity, "cursor")
	}
}

func tamperedCursor(p *probe, r resource) {
	user := p.user(0)
	p.fill(user, r, 2)
	_, cursor := p.page(user, r, "limit=1")
	if cursor == "" {
		p.fatal("GET %s?limit=1\nexpected a next_cursor, as there are two records", r.path)
	}
	middle := len(cursor) / 2
	for _, changed := range []string{
		cursor[:middle] + map[bool]string{true: "B", false: "A"}[cursor[middle] == 'A'] + cursor[middle+1:], cursor + "A", cursor + "AAAA", "A" + cursor, cursor[:max(0, len(cursor)-4)], cursor[1:],
		cursor + cursor, cursor + "%0A",
	} {
		if changed == "" {
			continue
		}
		p.names(p.get(user, r.path+"?cursor="+changed), http.StatusUnprocessableEntity, "cursor")
	}
}

func stablePaging(p *probe, r resource) {
	user := p.user(0)
	records := p.fill(user, r, 12)
	p.atLeast(r, 24)
	slices.Reverse(records)
	old := idsOf(records)
	deleted := map[string]bool{}
	var seen []string
	query, page := "limit=3", 0
	for ; page < 30; page++ {
		items, cursor := p.page(user, r, query)
		seen = append(seen, idsOf(items)...)
		if cursor == "" {
			break
		}
		// Meanwhile come two new records; one that was seen goes, the one that the cursor stands on, and one to come.
		p.create(user, r)
		p.create(user, r)
		for _, index := range []int{page * 3, page*3 + 2, page*3 + 4} {
			if index < len(old) && !deleted[old[index]] {
				deleted[old[index]] = true
				p.must(p.delete(user, r.path+"/"+old[index]), http.StatusNoContent)
			}
		}
		query = "limit=3&cursor=" + url.QueryEscape(cursor)
	}
	counts := map[string]int{}
	for _, id := range seen {
		counts[id]++
		if counts[id] == 2 {
			p.fail("GET %s, page by page, while rows come and go\nexpected no record twice\ngot %s twice", r.path, id)
		}
		if !slices.Contains(old, id) {
			p.fail("GET %s, page by page, while rows come and go\nexpected no record that came after the first page\ngot %s", r.path, id)
		}
	}
	for _, id := range old {
		if counts[id] == 0 && !deleted[id] {
			p.fail("GET %s, page by page, while rows come and go\nexpected every record that stayed\ngot all but %s (%d pages)", r.path, id, page+1)
		}
	}
}

func cursorOfAnother(p *probe, r resource) {
	user, other := p.user(0), p.user(1)
	records := idsOf(p.fill(user, r, 3))
	_, cursor := p.page(user, r, "limit=1")
	a := p.get(other, r.path+"?limit=100&cursor="+cursor)
	if !p.status(a, http.StatusOK, http.StatusUnprocessableEntity) {
		return
	}
	for _, id := range records {
		if strings.Contains(string(a.body), id) {
			p.wrong(a, "none of the records of %s", user.label)
			return
		}
	}
}
