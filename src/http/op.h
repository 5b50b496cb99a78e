/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_HTTP_OP_H
#define JT_HTTP_OP_H

#include "authority/authority.h"
#include "http/body.h"
#include "http/quick.h"

/* One operation of the API, as data: what it is called, what it needs, what its body looks like, and up to three functions.
 * src/api/ lists them; src/http/ walks each request through them in the order that API.md gives. */

struct jt_call;

enum jt_level {
	JT_LEVEL_OPEN,  /* no token: the body proves something, or nothing is needed */
	JT_LEVEL_TOKEN, /* any token, or one that holds the scope in its org; no {org} in the path */
	JT_LEVEL_ORG,   /* {org} in the path; scope held at org level, in full or partly */
	JT_LEVEL_TEAM,  /* {org} and {team}: scope held on that team */
	JT_LEVEL_APP    /* {org} and {app}: scope held on that app */
};

enum {
	/* `run` runs on the committer, in a savepoint; takes an Idempotency-Key */
	JT_OP_WRITE = 1,
	/* unknown fields are refused (else ignored and named) */
	JT_OP_STRICT = 2,
	/* ORG: held partly is not enough */
	JT_OP_FULL = 4,
	/* no body is the same as {} */
	JT_OP_BODY_OPTIONAL = 8,
	/* the answer holds a secret: wiped after it was sent, sealed in an idempotency record */
	JT_OP_SECRET = 16,
	/* guesses passwords or links: limited per address and account */
	JT_OP_GUARDED = 32,
	/* ORG: the body says where the scope must be held, and `run` asks; to be let in it must be held at org level (in full or
	 * partly) or on one of the caller's teams */
	JT_OP_PLACED = 64,
	/* the body of a 409, of a 404, has `status` (API.md) */
	JT_OP_STATUS_409 = 128,
	JT_OP_STATUS_404 = 256,
	/* needs no database: `run` gets tx->db NULL and no snapshot */
	JT_OP_PLAIN = 512,
	/* a WRITE that may be done again without harm: takes no Idempotency-Key */
	JT_OP_REPEATABLE = 1024,
	/* the body is a form (http/form.h), and errors are spelled as RFC 6749, section 5.2, says */
	JT_OP_OAUTH = 2048,
	/* TOKEN: the caller may also come as HTTP Basic, with the token's id as user */
	JT_OP_BASIC = 4096,
	/* TOKEN: a limited token is let in too if it holds the scope on one of its teams; `run` cuts down to these */
	JT_OP_LIMITED = 8192,
	/* answers about a token: every answer says X-Jeton-As-Of, and there is nothing to page through */
	JT_OP_VERIFIES = 16384,
	/* asked for each request of somebody else's: counted, and not logged one by one; of refusals a few a second */
	JT_OP_QUIET = 32768,
	/* answered on --verify-listen too */
	JT_OP_NARROW = 65536,
	/* a session alone, never a token: what a user does about how they sign in */
	JT_OP_SESSION = 131072,
	/* OPEN: a session does instead of the proof in the body */
	JT_OP_BY_SESSION = 262144,
	/* shows or destroys a secret: a session must have confirmed its password (authority/session.h) */
	JT_OP_CONFIRMED = 524288
};

struct jt_param {
	const char *name; /* NULL ends the array */
	enum jt_field_type type;
	bool many; /* may be repeated */
	int64_t min, max;
	const char *values; /* "asc|desc": one of these; NULL: any */
};

struct jt_op {
	const char *id; /* operationId in openapi.yaml */
	const char *method;
	const char *path;  /* "/api/v4/orgs/{org}/tokens/{id}" */
	const char *scope; /* NULL: none is needed */
	/* The scope without which a caller may not know what exists in the path's collection (TEAM and APP levels): without it
	 * 403 for every id, existing or not; with it 404 for what is not visible. */
	const char *read_scope;
	enum jt_level level;
	unsigned flags;
	const struct jt_field *body;  /* NULL: takes none */
	const struct jt_param *query; /* beside what all take; NULL: none. Unknown parameters are refused */
	/* On the loop, after the body was checked: what the schema cannot say. May be NULL. */
	enum jt_result (*check)(struct jt_call *call);
	/* On the password pool, before `run`: Argon2id and nothing else. May be NULL. */
	enum jt_result (*hash)(struct jt_call *call);
	/* The use case: on the loop in a read transaction, or on the committer. Sets the answer (http/call.h). */
	enum jt_result (*run)(struct jt_call *call, struct jt_tx *tx);
	/* The short way, for one GET without arguments in its path. May be NULL. */
	jt_quick_answer *quick;
	/* Frees call->state. NULL: free(). */
	void (*drop)(void *state);
};

/* Whether the operation may be repeated under an Idempotency-Key. */
static inline bool jt_op_takes_key(const struct jt_op *op)
{
	return (op->flags & (JT_OP_WRITE | JT_OP_REPEATABLE)) == JT_OP_WRITE;
}

#endif
