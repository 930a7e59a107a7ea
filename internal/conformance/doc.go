// Package conformance checks a running service against the service contract,
// over HTTP alone. It is the suite behind `backlot verify`, and it knows no
// language and no database: what it needs is in Target.
//
// # Two ways to run
//
// With Target.Service the suite migrates and starts the project itself, on a
// free port and with a JWT_SECRET of its own. It can then forge tokens, read
// the logs, start further instances with other settings (rate limits,
// production, faulty configuration), send signals, and put a gate in front of
// the database. A start takes seconds in some languages, so checks that look
// at other settings share instances (among), which the checks of lifecycle end
// when those are done; what may keep an instance from starting, or takes
// its database away, starts its own (further). Everything it starts is killed at
// the end, with its whole process group, also when the context is cancelled.
//
// With Target.BaseURL alone the suite talks to a service that runs already.
// It then makes two accounts and no more than it needs, runs one check at a
// time, waits once when AUTH_RATE_LIMIT is used up, and reports every check that
// cannot be made from outside as skipped with its reason. With Target.Secret
// it can forge tokens here as well. It changes only records of its own accounts.
//
// # Checks
//
// A check has a stable id (group.topic or group.topic.case), a title of one
// sentence and a function that gets a probe. The lists of checks stand at the
// head of each file, by topic; all is their order in reports. A probe
// sends calls, borrows accounts, and notes faults. Each fault shows the
// request, what was expected and what came. fail goes on, fatal ends the
// check, skip says why it cannot be made here.
//
// Checks run side by side, so a check touches only records of the accounts it
// borrowed, and never counts on an empty list unless it emptied it. Every
// answer of the whole run is also held against what the contract says of every
// answer (headers, form of errors, no 5xx, the OpenAPI description); the
// checks in the group everywhere report that at the end.
//
// # Adding a check
//
// Add it to the list of its topic with a sentence of the contract as title,
// then add a fault to the table in faults_test.go which makes it fail: a check
// that has never failed proves nothing.
package conformance
