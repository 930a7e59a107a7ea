package main

import (
	"context"
	"net/url"
	"time"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
)

type collection struct {
	items *mongo.Collection
	owner bson.Binary
}

// document is an item as the service stores it.
type document struct {
	Owner     bson.Binary `bson:"owner_id"`
	ID        bson.Binary `bson:"_id"`
	Name      string      `bson:"name"`
	Notes     *string     `bson:"notes,omitempty"`
	Done      bool        `bson:"done"`
	CreatedAt time.Time   `bson:"created_at"`
	UpdatedAt time.Time   `bson:"updated_at"`
}

// open opens the database with the settings of the service.
func open(address, owner string) (store, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	client, err := mongo.Connect(options.Client().ApplyURI(address).SetMaxPoolSize(10).SetWriteConcern(writeconcern.Majority()))
	if err != nil {
		return nil, err
	}
	id, err := binary(owner)
	return &collection{items: client.Database(u.Path[1:]).Collection("items"), owner: id}, err
}

func binary(text string) (bson.Binary, error) {
	id, err := uuid.Parse(text)
	return bson.Binary{Subtype: bson.TypeBinaryUUID, Data: id[:]}, err
}

func (d document) item() item {
	return item{
		ID: uuid.UUID(d.ID.Data).String(), Name: d.Name, Notes: d.Notes, Done: d.Done,
		CreatedAt: d.CreatedAt.UTC().Format(layout), UpdatedAt: d.UpdatedAt.UTC().Format(layout),
	}
}

func (c *collection) one(ctx context.Context, id string) (item, error) {
	key, err := binary(id)
	if err != nil {
		return item{}, err
	}
	var found document
	err = c.items.FindOne(ctx, bson.D{{Key: "owner_id", Value: c.owner}, {Key: "_id", Value: key}}).Decode(&found)
	if err != nil {
		return item{}, err
	}
	return found.item(), nil
}

func (c *collection) list(ctx context.Context, limit int) ([]item, error) {
	cursor, err := c.items.Find(ctx, bson.D{{Key: "owner_id", Value: c.owner}}, options.Find().SetSort(bson.D{{Key: "_id", Value: -1}}).SetLimit(int64(limit)))
	if err != nil {
		return nil, err
	}
	var documents []document
	if err := cursor.All(ctx, &documents); err != nil {
		return nil, err
	}
	items := make([]item, len(documents))
	for i := range documents {
		items[i] = documents[i].item()
	}
	return items, nil
}

func (c *collection) insert(ctx context.Context, record item) error {
	id, err := binary(record.ID)
	if err != nil {
		return err
	}
	created, err := time.Parse(layout, record.CreatedAt)
	if err != nil {
		return err
	}
	_, err = c.items.InsertOne(ctx, document{
		Owner: c.owner, ID: id, Name: record.Name, Notes: record.Notes, Done: record.Done, CreatedAt: created, UpdatedAt: created,
	})
	return err
}
