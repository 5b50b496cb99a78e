/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_BASE_RESULT_H
#define JT_BASE_RESULT_H

#include <stdbool.h>

/* One list of everything a function can answer: name, HTTP status, the API's code, a sentence for people.
 * The enum, the texts and the statuses all come from here, so that they cannot drift apart. */
#define JT_RESULTS(X) \
	X(OK, 200, "OK", "done") \
	X(DONE, 200, "DONE", "no more rows") \
	X(BAD_FRAMING, 400, "BAD_FRAMING", "the request is not well-formed HTTP") \
	X(BAD_REQUEST, 400, "BAD_REQUEST", "the request is not valid") \
	X(BAD_JSON, 400, "BAD_JSON", "the body is not a JSON document that we accept") \
	X(VALIDATION, 400, "VALIDATION_FAILED", "some fields are not valid") \
	X(ROLE_NOT_APPLICABLE, 400, "ROLE_NOT_APPLICABLE", "this role cannot be used here") \
	X(PAGE_TOO_DEEP, 400, "PAGE_TOO_DEEP", "pages are counted up to 1000; follow next_page instead") \
	X(UNAUTHENTICATED, 401, "UNAUTHENTICATED", "a valid access token is needed") \
	X(BAD_CREDENTIALS, 401, "BAD_CREDENTIALS", "e-mail or password is wrong") \
	X(OTP_REQUIRED, 401, "OTP_REQUIRED", "a one-time code from your authenticator app is needed too") \
	X(FORBIDDEN, 403, "FORBIDDEN", "not allowed") \
	X(MISSING_SCOPE, 403, "INSUFFICIENT_SCOPE", "the token does not hold a scope that this needs") \
	X(CANNOT_EXCEED_SELF, 403, "CANNOT_EXCEED_SELF", "nobody gives or takes what they do not hold") \
	X(OWNER_ONLY, 403, "OWNER_ONLY", "only the owner of the org may do this") \
	X(SERVICE_CI_ONLY, 403, "SERVICE_CI_ONLY", "a service token issues CI tokens and nothing else") \
	X(NOT_A_USER, 403, "NOT_A_USER", "this needs the token of a user") \
	X(SESSION_ONLY, 403, "SESSION_ONLY", "this needs a signed-in session, never a token") \
	X(CONFIRM_PASSWORD, 403, "CONFIRM_PASSWORD", "give your password again before this") \
	X(FACTOR_REQUIRED, 403, "SECOND_FACTOR_REQUIRED", "your org requires a second factor: set one up first") \
	X(CSRF_REFUSED, 403, "CSRF_REFUSED", "this did not come from a page of the dashboard") \
	X(OWN_ROLE, 403, "OWN_ROLE", "nobody changes a role that they hold") \
	X(NOT_FOUND, 404, "NOT_FOUND", "there is no such thing here") \
	X(METHOD_NOT_ALLOWED, 405, "METHOD_NOT_ALLOWED", "this path does not take this method") \
	X(TIMEOUT, 408, "REQUEST_TIMEOUT", "the request did not arrive in time") \
	X(CONFLICT, 409, "CONFLICT", "this would collide with something that exists") \
	X(ALREADY_EXISTS, 409, "ALREADY_EXISTS", "this exists already") \
	X(CUSTOM_ROLE_CONFLICT, 409, "CUSTOM_ROLE_CREATION_CONFLICT", "a role of this name exists") \
	X(ROLE_IN_USE, 409, "ROLE_IN_USE", "this role is in use") \
	X(STALE_VERSION, 409, "STALE_VERSION", "this was changed since you read it; read it again") \
	X(FELLOW_ADMIN, 409, "CANNOT_DELETE_FELLOW_ADMIN", "a Super Admin cannot delete, demote or reset another") \
	X(OWNER_PROTECTED, 409, "OWNER_PROTECTED", "the owner cannot be deleted, demoted or disabled") \
	X(NOT_ROTATABLE, 409, "NOT_ROTATABLE", "a token that has expired or was revoked cannot be rotated") \
	X(IDEMPOTENCY_BUSY, 409, "IDEMPOTENCY_IN_PROGRESS", "a request with this Idempotency-Key is still running") \
	X(IDEMPOTENCY_GONE, 409, "IDEMPOTENCY_ANSWER_GONE", \
		"this was done; the secret in its answer is no longer kept") \
	X(GONE, 410, "GONE", "this can no longer be had") \
	X(TOO_LARGE, 413, "PAYLOAD_TOO_LARGE", "the body is larger than 1 MiB") \
	X(URI_TOO_LONG, 414, "URI_TOO_LONG", "the request target is too long") \
	X(BAD_MEDIA_TYPE, 415, "UNSUPPORTED_MEDIA_TYPE", "the body must be application/json") \
	X(IDEMPOTENCY_REUSED, 422, "IDEMPOTENCY_KEY_REUSED", "this Idempotency-Key was used with another body") \
	X(TOO_MANY, 429, "TOO_MANY_REQUESTS", "too many attempts; wait and try again") \
	X(HEADER_TOO_LARGE, 431, "HEADER_TOO_LARGE", "the request's header is too large") \
	X(INTERNAL, 500, "INTERNAL", "something went wrong; the log knows what under this request id") \
	X(BUSY, 503, "BUSY", "too much is waiting; try again") \
	X(NOMEM, 503, "OUT_OF_MEMORY", "out of memory; try again") \
	X(DISK_FULL, 503, "STORAGE_FULL", "the disk is full; nothing was changed") \
	X(DB, 503, "STORAGE_UNAVAILABLE", "the database cannot be used at the moment; nothing was changed") \
	X(STALE, 503, "STALE", "this node has not heard from the authority for too long") \
	X(BEHIND, 503, "BEHIND", "this node does not show the change that was demanded yet") \
	X(STOPPING, 503, "STOPPING", "the server is stopping") \
	X(TOO_MUCH_WORK, 507, "TOO_MUCH_WORK", "the answer would be too large; ask for pages") \
	X(CONSTRAINT, 409, "CONFLICT", "a constraint of the database refused this") \
	X(TOO_LONG, 400, "TOO_LONG", "longer than the limit") \
	X(TRUNCATED, 400, "TRUNCATED", "ends too early") \
	X(MALFORMED, 400, "MALFORMED", "not of the expected form") \
	X(IO, 503, "IO", "a file cannot be read or written") \
	X(LOCKED, 503, "LOCKED", "another server uses this data directory") \
	X(NEWER_SCHEMA, 503, "NEWER_SCHEMA", "the database was written by a newer jeton") \
	X(WRONG_KEY, 503, "WRONG_KEY", "the key file does not belong to this database")

enum jt_result {
#define JT_RESULT_ENUM(name, status, code, text) JT_##name,
	JT_RESULTS(JT_RESULT_ENUM)
#undef JT_RESULT_ENUM
		JT_RESULT_COUNT
};

/* On every fallible function: the compiler refuses a caller that does not look. */
#define JT_MUST_USE __attribute__((warn_unused_result))

/* The sentence for people, e.g. for a log line. Never NULL; static. `r` out of range: "unknown result". */
const char *jt_result_text(enum jt_result r);
/* The API's UPPER_SNAKE code. Never NULL; static. */
const char *jt_result_code(enum jt_result r);
/* The HTTP status. `r` out of range: 500. */
int jt_result_status(enum jt_result r);

/* Was it refused because of who asks: for want of a scope, of rank, of more than they hold? */
bool jt_result_about_power(enum jt_result r);

/* Why something was refused, for the one who asked: filled by whoever refuses, printed by http. Holds no secret. */
#define JT_WHY_MESSAGE_MAX 240
#define JT_WHY_FIELDS_MAX 16
#define JT_WHY_FIELD_MAX 160

struct jt_why {
	char message[JT_WHY_MESSAGE_MAX]; /* "" : jt_result_text() is said instead */
	char scope[80];                   /* the first missing scope, for 403; "" if none */
	unsigned fields;                  /* how many of `field` are set; those beyond the maximum are dropped */
	char field[JT_WHY_FIELDS_MAX][JT_WHY_FIELD_MAX]; /* "field: what is wrong" */
	unsigned retry_after_s;                          /* for 429 and 503; 0: the server's default */
};

/* Sets the message (printf format, truncated at a character boundary) and returns `r`, so that a caller can
 * `return jt_why_say(why, JT_CONFLICT, "...")`. `why` may be NULL. */
enum jt_result jt_why_say(struct jt_why *why, enum jt_result r, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Adds "field: what is wrong" and returns JT_VALIDATION. `why` may be NULL. */
enum jt_result jt_why_field(struct jt_why *why, const char *field, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
