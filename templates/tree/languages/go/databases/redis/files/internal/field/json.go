package field

import "bytes"

// UnmarshalJSON hides that of time.Time.
func (d *Date) UnmarshalJSON(text []byte) error { return d.UnmarshalText(bytes.Trim(text, `"`)) }

// UnmarshalJSON hides that of time.Time.
func (t *Time) UnmarshalJSON(text []byte) error { return t.UnmarshalText(bytes.Trim(text, `"`)) }
