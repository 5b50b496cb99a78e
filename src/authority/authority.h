/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_AUTHORITY_H
#define JT_AUTHORITY_AUTHORITY_H

#include "authority/audit.h"
#include "authority/committer.h"
#include "authority/keys.h"
#include "authority/tx.h"

/* Everything a node needs to answer, opened from a data directory: keys, database, catalogue, table, follower, committer. */
struct jt_authority_options {
	const char *data;       /* the data directory */
	const char *catalogue;  /* a file; NULL: the one compiled in */
	const char *brand;      /* NULL: what the database says */
	const char *anchor;     /* --audit-anchor; NULL: none */
	const char *public_url; /* for links; "" if unknown */
	const char *
		run; /* --run: where the table is kept; NULL: jt_run_dir(). Not for an operator, whose table is private */
	unsigned stale_after_s; /* JT_TABLE_BOUND_MIN_S at least; 0: JT_TABLE_BOUND_EMBEDDED_S */
	enum jt_open_as {
		JT_OPEN_SERVE,
		JT_OPEN_OPERATOR
	} as; /* the operator does not take the lock, nor starts threads */
};

struct jt_authority;
struct jt_usage;

/* Checks the lock (JT_LOCKED), the key's fingerprint (JT_WRONG_KEY), the schema (JT_NEWER_SCHEMA; older is migrated), the
 * catalogue (JT_MALFORMED, JT_CONFLICT if it lacks what is in use); fills the table. `why` says what a person should know. */
JT_MUST_USE enum jt_result jt_authority_open(
	const struct jt_authority_options *options, struct jt_authority **out, struct jt_why *why);
/* Ends the committer (finishing what waits), flushes refusals, anchors the audit heads, closes. NULL is taken. */
void jt_authority_close(struct jt_authority *au);
/* SIGHUP: reads the catalogue again. Refused as a whole if it is bad or lacks what is in use; the old one goes on. */
JT_MUST_USE enum jt_result jt_authority_reload(struct jt_authority *au, struct jt_why *why);

/* Where the table is kept unless somebody says otherwise: $RUNTIME_DIRECTORY (systemd), for root /run/jeton, else
 * /dev/shm/jeton-UID; /run only where it is tmpfs. `out` holds `size` bytes. JT_TOO_LONG. */
JT_MUST_USE enum jt_result jt_run_dir(char *out, size_t size);

/* What it is made of. Each lives as long as the authority; any thread may ask. */
struct jt_verify *jt_authority_verify(struct jt_authority *au);
struct jt_table *jt_authority_table(struct jt_authority *au);
struct jt_follower *jt_authority_follower(struct jt_authority *au);
struct jt_committer *jt_authority_committer(struct jt_authority *au);
struct jt_refusals *jt_authority_refusals(struct jt_authority *au);
/* What was verified, by this process and by others (authority/usage.h); NULL for an operator's. */
struct jt_usage *jt_authority_usage(struct jt_authority *au);
const struct jt_keys *jt_authority_keys(const struct jt_authority *au);
const char *jt_authority_data(const struct jt_authority *au);
const char *jt_authority_brand(const struct jt_authority *au);
const char *jt_authority_public_url(const struct jt_authority *au);

/* A new data directory: key file, database, schema, first org with its owner (whose personal token is made with them). */
struct jt_new_org {
	const char *name; /* of the org */
	const char *owner_email;
	const char *owner_name; /* NULL: the part before the @ */
	const char *password;   /* NULL: none; the owner then needs a link or `jeton recover` */
	const char *brand;      /* NULL: JT_BRAND_DEFAULT; init only */
	bool personal_once;     /* personal values are shown once and not kept; init only */
};
struct jt_made_org {
	struct jt_id org, owner;
	char token[JT_TOKEN_SIZE]; /* the owner's personal token: wipe it */
};
/* Sets up `data`, which must not hold a deployment yet (JT_ALREADY_EXISTS). Wipe *out. JT_IO, JT_DB, JT_VALIDATION. */
JT_MUST_USE enum jt_result jt_authority_init(const char *data, const char *catalogue, const struct jt_new_org *order,
	struct jt_made_org *out, struct jt_why *why);
/* Who acts when an operator does, in an org (NULL: none). */
struct jt_actor jt_operator(const struct jt_id *org);
/* A further org, on an opened authority (jeton org create). One transaction. */
JT_MUST_USE enum jt_result jt_org_create(struct jt_tx *tx, const struct jt_actor *who, const struct jt_new_org *order,
	const char *password_hash, struct jt_made_org *out, struct jt_why *why);

/* `jeton key rotate`, while no server runs: a new generation in the key file, every personal value sealed anew, an audit row
 * in every org. Killed at any point, it is finished by the next call or the next start. JT_LOCKED, JT_WRONG_KEY, ... */
JT_MUST_USE enum jt_result jt_authority_rotate_key(const char *data, struct jt_why *why);

/* A read on a connection of the calling thread: begin before, end after. Between them tx->db is one snapshot, and the table
 * is at least as new as it. JT_DB. */
JT_MUST_USE enum jt_result jt_reading_begin(struct jt_authority *au, struct jt_tx *tx);
void jt_reading_end(struct jt_tx *tx);

#endif
