package field

import (
	"database/sql/driver"
	"encoding"
	"fmt"
	"time"
)

// Value writes the number to a column.
func (d Decimal) Value() (driver.Value, error) { return d.String(), nil }

// Value writes the day to a column.
func (d Date) Value() (driver.Value, error) { return d.String(), nil }

// Value writes the moment to a column.
func (t Time) Value() (driver.Value, error) { return t.String(), nil }

// Scan reads the number from a column.
func (d *Decimal) Scan(source any) error { return scan(source, nil, d) }

// Scan reads the day from a column.
func (d *Date) Scan(source any) error { return scan(source, &d.Time, d) }

// Scan reads the moment from a column.
func (t *Time) Scan(source any) error { return scan(source, &t.Time, t) }

func scan(source any, moment *time.Time, target encoding.TextUnmarshaler) error {
	switch value := source.(type) {
	case time.Time:
		*moment = value.UTC()
		return nil
	case string:
		return target.UnmarshalText([]byte(value))
	case []byte:
		return target.UnmarshalText(value)
	}
	return fmt.Errorf("unexpected %T in a column", source)
}
