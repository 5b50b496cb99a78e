/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_NODE_H
#define JT_AUTHORITY_NODE_H

#include "authority/authority.h"

#include <pthread.h>

/* What an opened authority is made of. For the files of this room that open, close and feed it; use cases take what they
 * need from jt_tx and the accessors. */

struct jt_authority {
	char *data, *brand, *public_url, *anchor, *catalogue, *run;
	bool serve;         /* false: an operator's, without lock and threads */
	bool personal_once; /* personal values are shown once and not kept */
	int lock_fd;        /* -1: none */
	struct jt_keys *keys;
	struct jt_db *db;         /* the committer's */
	struct jt_policy *policy; /* owned; the one that `verify` has */
	struct jt_table *table;
	struct jt_verify *verify;
	struct jt_follower *follower;
	struct jt_committer *committer;
	struct jt_refusals *refusals;
	struct jt_usage *usage; /* NULL for an operator's */
	pthread_mutex_t readers_lock;
	struct jt_reader_db *readers; /* connections that nobody uses at the moment */
};

/* DATA/name, to be freed; NULL if out of memory. */
char *jt_data_path(const char *data, const char *name);
/* The exclusive lock on DATA/lock, held as long as *fd is open. JT_LOCKED names the holder. */
JT_MUST_USE enum jt_result jt_data_lock(const char *data, int *fd, struct jt_why *why);
/* Opens database and key file of au->data; a server's schema is migrated, an operator's must be ours. `why` says what is wrong. */
JT_MUST_USE enum jt_result jt_data_open(struct jt_authority *au, struct jt_why *why);
/* Does the file belong to this database? JT_WRONG_KEY if not. *unfinished: all but its newest key do, so a rotation was
 * interrupted before it reached the database. */
JT_MUST_USE enum jt_result jt_key_check(
	struct jt_db *db, const struct jt_keys *keys, bool *unfinished, struct jt_why *why);
/* Seals everything anew under the newest key and notes its fingerprint, in one transaction of its own. */
JT_MUST_USE enum jt_result jt_key_finish(struct jt_authority *au, struct jt_why *why);
/* One write transaction without a committer or a table, before there are any: takes the head, runs `step`, commits. */
JT_MUST_USE enum jt_result jt_write_alone(struct jt_authority *au,
	enum jt_result (*step)(struct jt_tx *tx, void *context, struct jt_why *why), void *context, struct jt_why *why);
void jt_readers_close(struct jt_authority *au);
/* Name, e-mail and owner's name are what they must be. JT_VALIDATION with every wrong field. */
JT_MUST_USE enum jt_result jt_new_org_check(const struct jt_new_org *order, struct jt_why *why);
/* An org, its owner's account and personal token, and the audit row `operation`. */
JT_MUST_USE enum jt_result jt_org_found(struct jt_tx *tx, const struct jt_actor *who, const struct jt_new_org *order,
	const char *password_hash, const char *operation, struct jt_made_org *out, struct jt_why *why);
#endif
