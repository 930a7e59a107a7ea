package field

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Space is what is taken off both ends of a string.
const Space = " \t\r\n"

// maxInteger is the largest whole number that every JSON client can hold exactly.
const maxInteger = 1<<53 - 1

var (
	decimalPattern  = regexp.MustCompile(`^-?[0-9]{1,10}(\.[0-9]{1,2})?$`)
	datetimePattern = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$`)
)

// ParseString reads a string of 1 to 255 characters, without the space around it.
func ParseString(raw json.RawMessage) (string, error) {
	text, err := plain(raw)
	if err != nil {
		return "", err
	}
	text = strings.Trim(text, Space)
	if length := utf8.RuneCountInString(text); length < 1 || length > 255 {
		return "", errors.New("must have 1 to 255 characters")
	}
	return text, nil
}

// ParseText reads a string of up to 65,535 characters as it is.
func ParseText(raw json.RawMessage) (string, error) {
	text, err := plain(raw)
	if err == nil && utf8.RuneCountInString(text) > 65535 {
		err = errors.New("must have at most 65535 characters")
	}
	return text, err
}

// ParseInteger reads a whole number.
func ParseInteger(raw json.RawMessage) (int64, error) {
	number, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || number < -maxInteger || number > maxInteger {
		return 0, errors.New("must be a whole number within ±(2^53−1)")
	}
	return number, nil
}

// ParseFloat reads a finite number.
func ParseFloat(raw json.RawMessage) (float64, error) {
	number, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || math.IsInf(number, 0) {
		return 0, errors.New("must be a finite number")
	}
	return number, nil
}

// ParseBoolean reads true or false.
func ParseBoolean(raw json.RawMessage) (bool, error) {
	if text := string(raw); text != "true" && text != "false" {
		return false, errors.New("must be true or false")
	}
	return raw[0] == 't', nil
}

// ParseDecimal reads a decimal number from a string.
func ParseDecimal(raw json.RawMessage) (Decimal, error) {
	var number Decimal
	text, err := plain(raw)
	if err != nil || !decimalPattern.MatchString(text) || number.UnmarshalText([]byte(text)) != nil {
		return 0, errors.New(`must be a string such as "12.50", of up to 10 digits and 2 after the point`)
	}
	return number, nil
}

// ParseDate reads a day.
func ParseDate(raw json.RawMessage) (Date, error) {
	var day Date
	text, err := plain(raw)
	if err != nil || day.UnmarshalText([]byte(text)) != nil || day.Year() < 1 {
		return Date{}, errors.New("must be a day as YYYY-MM-DD")
	}
	return day, nil
}

// ParseTime reads a moment.
func ParseTime(raw json.RawMessage) (Time, error) {
	text, err := plain(raw)
	if err != nil || !datetimePattern.MatchString(text) {
		return Time{}, errors.New("must be a time such as 2026-11-20T10:23:00Z")
	}
	moment, err := time.Parse(time.RFC3339, text)
	if year := moment.UTC().Year(); err != nil || year < 1 || year > 9999 {
		return Time{}, errors.New("must be a real time of the years 0001 to 9999")
	}
	return Time{moment.UTC().Truncate(time.Millisecond)}, nil
}

// ParseUUID reads an identifier; uuid.Parse alone takes other forms too.
func ParseUUID(raw json.RawMessage) (uuid.UUID, error) {
	text, err := plain(raw)
	if err != nil || len(text) != 36 {
		return uuid.Nil, errors.New("must be a UUID")
	}
	id, err := uuid.Parse(text)
	if err != nil {
		return uuid.Nil, errors.New("must be a UUID")
	}
	return id, nil
}

// ParseEnum reads one of some values.
func ParseEnum(values ...string) func(json.RawMessage) (string, error) {
	return func(raw json.RawMessage) (string, error) {
		text, err := plain(raw)
		if err != nil || !slices.Contains(values, text) {
			return "", fmt.Errorf("must be one of %s", strings.Join(values, ", "))
		}
		return text, nil
	}
}

// plain reads a JSON string.
func plain(raw json.RawMessage) (string, error) {
	if raw[0] != '"' {
		return "", errors.New("must be a string")
	}
	text := string(raw[1 : len(raw)-1])
	if strings.Contains(text, `\`) {
		if err := json.Unmarshal(raw, &text); err != nil {
			return "", err
		}
	}
	if strings.ContainsRune(text, 0) {
		return "", errors.New("must not contain U+0000")
	}
	return text, nil
}
