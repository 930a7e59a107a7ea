package store

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// element is a name in a document and the address of the value that it is read into or written from.
type element struct {
	name    string
	address any
}

func (e element) optional() bool {
	return reflect.TypeOf(e.address).Elem().Kind() == reflect.Pointer
}

func (e element) null() bool {
	return e.optional() && reflect.ValueOf(e.address).Elem().IsNil()
}

// owner names the key that holds the owner in the index of a unique value. An index takes missing values for equal ones;
// only a sparse one passes over a record, and only if it has none of the keys. So an optional value has a copy of the
// owner beside it, and a null is left out of the record together with that.
func (e element) owner() string {
	if e.optional() {
		return "_owner_of_" + e.name
	}
	return "owner_id"
}

// index makes a value unique among the records of one owner. Its name is what a conflict is told by.
func (e element) index() mongo.IndexModel {
	return mongo.IndexModel{
		Keys:    bson.D{{Key: e.owner(), Value: 1}, {Key: e.name, Value: 1}},
		Options: options.Index().SetName(e.name).SetUnique(true).SetSparse(e.optional()),
	}
}

// read fills the elements from a document; those that it lacks stay as they are.
func read(document bson.Raw, elements []element) error {
	for _, element := range elements {
		if value := document.Lookup(element.name); !value.IsZero() {
			if err := value.UnmarshalWithRegistry(registry, element.address); err != nil {
				return fmt.Errorf("%s: %w", element.name, err)
			}
		}
	}
	return nil
}

// collection holds the records of one resource. Each operation names the owner.
type collection[T any] struct {
	name     string
	elements func(*T) []element
	unique   []string
}

// collections are all of them, so that Migrate forgets none.
var collections []interface {
	migrate(ctx context.Context, s *Store) error
}

func newCollection[T any](name string, elements func(*T) []element, unique ...string) collection[T] {
	c := collection[T]{name: name, elements: elements, unique: unique}
	collections = append(collections, c)
	return c
}

// migrate makes the indexes: one for the list, newest first, and one for each unique value.
func (c collection[T]) migrate(ctx context.Context, s *Store) error {
	indexes := []mongo.IndexModel{{
		Keys:    bson.D{{Key: "owner_id", Value: 1}, {Key: "_id", Value: -1}},
		Options: options.Index().SetName("owner_id"),
	}}
	for _, element := range c.elements(new(T)) {
		if slices.Contains(c.unique, element.name) {
			indexes = append(indexes, element.index())
		}
	}
	return s.createIndexes(ctx, c.name, indexes...)
}

func (c collection[T]) create(ctx context.Context, s *Store, owner uuid.UUID, record *T) error {
	if err := s.requireAccount(ctx, owner); err != nil {
		return err
	}
	document, _ := c.write(owner, c.elements(record))
	document = append(document, bson.E{Key: "owner_id", Value: owner})
	_, err := s.database.Collection(c.name).InsertOne(ctx, document)
	return fault(err)
}

func (c collection[T]) get(ctx context.Context, s *Store, owner, id uuid.UUID) (*T, error) {
	record := new(T)
	document, err := s.database.Collection(c.name).FindOne(ctx, one(owner, id)).Raw()
	if err != nil {
		return record, fault(err)
	}
	return record, read(document, c.elements(record))
}

// list returns the records before another one, or the newest ones.
func (c collection[T]) list(ctx context.Context, s *Store, owner, before uuid.UUID, limit int) ([]T, error) {
	filter := bson.D{{Key: "owner_id", Value: owner}}
	if before != uuid.Nil {
		filter = append(filter, bson.E{Key: "_id", Value: bson.D{{Key: "$lt", Value: before}}})
	}
	newestFirst := options.Find().SetSort(bson.D{{Key: "_id", Value: -1}}).SetLimit(int64(limit))
	cursor, err := s.database.Collection(c.name).Find(ctx, filter, newestFirst)
	if err != nil {
		return nil, fault(err)
	}
	defer func() { _ = cursor.Close(ctx) }()
	records := make([]T, 0, limit)
	for cursor.Next(ctx) {
		var record T
		if err := read(cursor.Current, c.elements(&record)); err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, fault(cursor.Err())
}

// update writes the named elements only, so that two changes of different ones both survive, and reads the record anew.
func (c collection[T]) update(ctx context.Context, s *Store, owner, id uuid.UUID, record *T, names []string) error {
	named := slices.DeleteFunc(c.elements(record), func(e element) bool { return !slices.Contains(names, e.name) })
	set, unset := c.write(owner, named)
	change := bson.D{{Key: "$set", Value: set}}
	if len(unset) > 0 {
		change = append(change, bson.E{Key: "$unset", Value: unset})
	}
	changed := options.FindOneAndUpdate().SetReturnDocument(options.After)
	document, err := s.database.Collection(c.name).FindOneAndUpdate(ctx, one(owner, id), change, changed).Raw()
	if err != nil {
		return fault(err)
	}
	*record = *new(T)
	return read(document, c.elements(record))
}

func (c collection[T]) delete(ctx context.Context, s *Store, owner, id uuid.UUID) error {
	result, err := s.database.Collection(c.name).DeleteOne(ctx, one(owner, id))
	if err == nil && result.DeletedCount == 0 {
		return ErrNotFound
	}
	return fault(err)
}

// write parts the elements into those to store and those to leave out.
func (c collection[T]) write(owner uuid.UUID, elements []element) (set, unset bson.D) {
	for _, element := range elements {
		entries := bson.D{{Key: element.name, Value: element.address}}
		if element.optional() && slices.Contains(c.unique, element.name) {
			entries = append(entries, bson.E{Key: element.owner(), Value: owner})
		}
		if element.null() {
			unset = append(unset, entries...)
		} else {
			set = append(set, entries...)
		}
	}
	return set, unset
}

func one(owner, id uuid.UUID) bson.D {
	return bson.D{{Key: "owner_id", Value: owner}, {Key: "_id", Value: id}}
}
