package field

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	dateLayout = "2006-01-02"
	timeLayout = "2006-01-02T15:04:05.000Z"
)

// Decimal is an exact number with two digits after the point, held in hundredths.
type Decimal int64

func (d Decimal) String() string {
	sign := ""
	if d < 0 {
		sign, d = "-", -d
	}
	return fmt.Sprintf("%s%d.%02d", sign, d/100, d%100)
}

// MarshalText writes two digits after the point.
func (d Decimal) MarshalText() ([]byte, error) {
	return []byte(d.String()), nil
}

// UnmarshalText reads up to two digits after the point.
func (d *Decimal) UnmarshalText(text []byte) error {
	whole, fraction, _ := strings.Cut(string(text), ".")
	if len(fraction) > 2 {
		return fmt.Errorf("more than two digits after the point: %q", text)
	}
	hundredths, err := strconv.ParseInt(whole+(fraction + "00")[:2], 10, 64)
	*d = Decimal(hundredths)
	return err
}

// Date is a day.
type Date struct{ time.Time }

func (d Date) String() string {
	return d.Format(dateLayout)
}

// MarshalText writes YYYY-MM-DD.
func (d Date) MarshalText() ([]byte, error) {
	return []byte(d.String()), nil
}

// MarshalJSON hides that of time.Time.
func (d Date) MarshalJSON() ([]byte, error) {
	return d.AppendFormat(nil, `"`+dateLayout+`"`), nil
}

// UnmarshalText reads YYYY-MM-DD.
func (d *Date) UnmarshalText(text []byte) (err error) {
	d.Time, err = time.Parse(dateLayout, string(text))
	return err
}

// Time is a moment, in UTC with milliseconds.
type Time struct{ time.Time }

// Now returns the present moment.
func Now() Time {
	return Time{time.Now().UTC().Truncate(time.Millisecond)}
}

func (t Time) String() string {
	return t.UTC().Format(timeLayout)
}

// MarshalText writes RFC 3339 in UTC with milliseconds.
func (t Time) MarshalText() ([]byte, error) {
	return []byte(t.String()), nil
}

// MarshalJSON hides that of time.Time.
func (t Time) MarshalJSON() ([]byte, error) {
	return t.UTC().AppendFormat(make([]byte, 0, len(timeLayout)+2), `"`+timeLayout+`"`), nil
}

// UnmarshalText reads RFC 3339.
func (t *Time) UnmarshalText(text []byte) error {
	moment, err := time.Parse(time.RFC3339, string(text))
	t.Time = moment.UTC()
	return err
}
