/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_CALL_H
#define JT_HTTP_CALL_H

#include "authority/session.h"
#include "base/buf.h"
#include "http/form.h"
#include "http/op.h"
#include "http/target.h"

#define JT_CALL_HEADERS_MAX 12
#define JT_CSRF_SIZE 44 /* base64url of 32 bytes, and the terminator */
#define JT_COOKIE_SIZE 160

/* An answer that is made while it is sent: as long as it likes, of which only a part is in memory. */
struct jt_stream {
	/* Appends the next part, some ten kilobytes, to `out`. JT_DONE: there is no more. An error ends the connection, so that
	 * whoever reads sees that something is missing. On the connection's loop, each time in a reading transaction of its own. */
	enum jt_result (*more)(struct jt_stream *s, struct jt_tx *tx, struct jt_buf *out);
	void (*end)(struct jt_stream *s); /* frees it */
};

/* One request on its way through an operation. Only one thread has it at a time. */
struct jt_call {
	const struct jt_op *op;
	struct jt_authority *au;
	struct jt_actor who;   /* caller (if the level needs one), address, request id */
	struct jt_id org;      /* from the path: the caller's own */
	struct jt_grant grant; /* what the caller held at the op's level when let in */
	json_t *body;          /* checked; NULL if there was none */
	struct jt_form form;   /* JT_OP_OAUTH: instead of `body` */
	uint64_t as_of;        /* what the table showed before anything about the caller was asked */
	bool missed;           /* JT_OP_GUARDED: what was presented is nobody's: counts as a wrong guess */
	bool by_session;       /* the caller came with the cookie of `session` */
	struct jt_session_row session;
	char csrf[JT_CSRF_SIZE];     /* what the session's requests must show; wiped */
	char cookie[JT_COOKIE_SIZE]; /* Set-Cookie of the answer; wiped */
	void *state;                 /* the operation's own, between check, hash and run */
	struct jt_why why;           /* filled by whoever refuses */
	/* The answer. `run` may be repeated: each run sets it anew through the functions below. */
	int status;      /* 0: 200 */
	json_t *answer;  /* the "response"; NULL: {"ok":true} alone */
	char *next_page; /* a list's; malloc'd */
	char *raw;       /* instead of JSON: body with its type, malloc'd */
	size_t raw_size;
	struct jt_stream *stream; /* instead of either */
	const char *raw_type;     /* of raw or stream */
	const char *cache;        /* Cache-Control of a success; NULL: no-store */
	unsigned headers;         /* of the answer, whether it is one or a refusal */
	struct jt_pair header[JT_CALL_HEADERS_MAX];
	struct jt_id secret_of;       /* JT_OP_SECRET: the token whose value the answer holds; none: no secret in it */
	struct jt_http_request *http; /* the HTTP side's own */
};

/* A path argument, decoded ("id" of ".../tokens/{id}"); never NULL for a name that the path has. */
const char *jt_call_path(const struct jt_call *c, const char *name);
/* A path argument that is a UUID. JT_NOT_FOUND if it is not one. */
JT_MUST_USE enum jt_result jt_call_path_id(const struct jt_call *c, const char *name, struct jt_id *out);
/* A query parameter, decoded, or NULL. */
const char *jt_call_query(const struct jt_call *c, const char *name);
/* `name=true`; anything but true or false was refused before. */
bool jt_call_query_true(const struct jt_call *c, const char *name);
/* Refuses for a step of the decision: counts it, and names it in the log. Returns `result`. */
enum jt_result jt_call_refuse(struct jt_call *c, enum jt_result result, enum jt_step step);
/* Refuses with JT_BEHIND unless the table shows change number `text`, which is demanded (NULL: nothing is). JT_VALIDATION, naming
 * `field`, if it is no number. */
JT_MUST_USE enum jt_result jt_call_demand(struct jt_call *c, const char *field, const char *text);
/* A header of the answer; both live as long as the call. */
void jt_call_header(struct jt_call *c, const char *name, const char *value);
/* The answer sets the session's cookie to `secret`, for `life_s` seconds, or removes it (""). */
void jt_call_set_cookie(struct jt_call *c, const char *secret, int64_t life_s);
/* Fields of the body (an object): NULL, or false, if left out. Pointers live as long as the call. */
const char *jt_call_text(const struct jt_call *c, const char *field);
bool jt_call_int(const struct jt_call *c, const char *field, int64_t *out);
bool jt_call_bool(const struct jt_call *c, const char *field, bool *out);
bool jt_call_id(const struct jt_call *c, const char *field, struct jt_id *out);
json_t *jt_call_list(const struct jt_call *c, const char *field);
/* Gives the answer: takes the reference. JT_NOMEM if `answer` is NULL. */
JT_MUST_USE enum jt_result jt_call_answer(struct jt_call *c, json_t *answer);
/* Gives an answer that is not JSON: takes `text` (malloc'd). */
JT_MUST_USE enum jt_result jt_call_answer_raw(struct jt_call *c, char *text, size_t size, const char *type);
/* Gives an answer in parts: takes `stream`. JT_NOMEM if it is NULL. */
JT_MUST_USE enum jt_result jt_call_answer_stream(struct jt_call *c, struct jt_stream *stream, const char *type);

/* Notes that the token of `who` was used just now, and which scopes were (NULL: none was asked for); and from where, if that is the
 * call's own caller: of another token the client is not known. A session is no token. */
void jt_call_used(struct jt_call *c, const struct jt_caller *who, const struct jt_scopes *exercised);

/* Paging (API.md "Lists"). Every list takes page, per_page, after and order beside its own parameters. */
#define JT_PAGE_AFTER_MAX 576
struct jt_page {
	bool whole;      /* no paging parameter: up to `whole_max` rows come at once */
	unsigned limit;  /* rows to show at most; ask the store for one more */
	unsigned offset; /* rows to skip: page=N */
	bool descending;
	bool continued; /* `after` was given: rows beyond that key */
	size_t after_size;
	uint8_t after[JT_PAGE_AFTER_MAX]; /* the key, as the list wrote it with jt_page_more */
};
/* `whole_max` is 1000, or 10,000 for apps and tokens; 0: this list never comes whole. JT_VALIDATION, JT_PAGE_TOO_DEEP. */
JT_MUST_USE enum jt_result jt_page_read(struct jt_call *c, unsigned whole_max, struct jt_page *out);
/* Called when there was a row more than `limit`. *keep gets how many rows to show (100 of a list that was to come whole, or
 * `limit`). Then jt_page_more with the key of the last row shown makes next_page. */
void jt_page_full(const struct jt_page *p, unsigned *keep);
JT_MUST_USE enum jt_result jt_page_more(struct jt_call *c, const struct jt_page *p, const void *key, size_t key_size);

/* JSON in our spelling: RFC 3339 seconds for *_at, text of ids. NULL on want of memory. */
json_t *jt_json_id(const struct jt_id *id);
json_t *jt_json_time_s(int64_t seconds);
json_t *jt_json_time_ns(int64_t ns);
enum jt_absent { JT_ABSENT_OK, JT_ABSENT_NOMEM };
/* Sets `key` to a new value (taken); leaves the key out if `value` is NULL and `absent` allows. */
JT_MUST_USE enum jt_result jt_json_set(json_t *object, const char *key, json_t *value, enum jt_absent absent);

#endif
