package tenant

import "container/list"

// bounded is a map that never holds more than max entries: the one untouched
// the longest is forgotten first. It is not safe for concurrent use.
type bounded[K comparable, V any] struct {
	max   int
	items map[K]*list.Element
	order *list.List // front: the oldest
}

type boundedEntry[K comparable, V any] struct {
	key   K
	value V
}

func newBounded[K comparable, V any](max int) *bounded[K, V] {
	return &bounded[K, V]{max: max, items: map[K]*list.Element{}, order: list.New()}
}

// get returns the value and makes it the youngest.
func (b *bounded[K, V]) get(key K) (V, bool) {
	e, ok := b.items[key]
	if !ok {
		var zero V
		return zero, false
	}
	b.order.MoveToBack(e)
	return e.Value.(*boundedEntry[K, V]).value, true
}

// peek returns the value and leaves its age.
func (b *bounded[K, V]) peek(key K) (V, bool) {
	e, ok := b.items[key]
	if !ok {
		var zero V
		return zero, false
	}
	return e.Value.(*boundedEntry[K, V]).value, true
}

// put adds or replaces a value and forgets the oldest one beyond the limit.
func (b *bounded[K, V]) put(key K, value V) {
	if e, ok := b.items[key]; ok {
		e.Value.(*boundedEntry[K, V]).value = value
		b.order.MoveToBack(e)
		return
	}
	b.items[key] = b.order.PushBack(&boundedEntry[K, V]{key, value})
	for len(b.items) > b.max {
		b.delete(b.order.Front().Value.(*boundedEntry[K, V]).key)
	}
}

func (b *bounded[K, V]) delete(key K) {
	if e, ok := b.items[key]; ok {
		b.order.Remove(e)
		delete(b.items, key)
	}
}

func (b *bounded[K, V]) len() int { return len(b.items) }

// all yields the values, oldest first.
func (b *bounded[K, V]) all(yield func(K, V) bool) {
	for e := b.order.Front(); e != nil; e = e.Next() {
		en := e.Value.(*boundedEntry[K, V])
		if !yield(en.key, en.value) {
			return
		}
	}
}
