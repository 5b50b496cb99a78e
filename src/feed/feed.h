/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_FEED_FEED_H
#define JT_FEED_FEED_H

#include "base/id.h"
#include "base/result.h"
#include "db/db.h"

/* The change feed: what changed, in the order in which it became visible (doc/formats/changes.md). A change names a noun and
 * its key; the follower reads the row as it is in its own snapshot, so a change may be applied twice without harm. */

/* X(NAME, number in the database): numbers are for ever. */
#define JT_NOUNS(X) \
	X(ORG, 1) \
	X(USER, 2) \
	X(ROLE, 3) \
	X(TEAM, 4) \
	X(MEMBER, 5) /* key: team id, user id */ \
	X(APP, 6)    /* key: the app's name */ \
	X(TOKEN, 7) \
	X(MARK, 8) /* nothing that the table shows; so that every transaction has a row with its nonce. No org, no key */

enum jt_noun {
#define JT_NOUN_ENUM(name, number) JT_NOUN_##name = (number),
	JT_NOUNS(JT_NOUN_ENUM)
#undef JT_NOUN_ENUM
};

#define JT_SHARD_EMBEDDED 0 /* the embedded database has one shard */
#define JT_CHANGE_KEY_MAX 128
/* So many transactions are kept in the feed; a follower that comes later rebuilds. */
#define JT_FEED_KEEP 100000

struct jt_head {
	uint64_t seq;
	uint64_t nonce;
};

/* Makes the head of a new database: number 0, nonce 0. */
JT_MUST_USE enum jt_result jt_head_create(struct jt_db *db);
/* First statement of every write transaction: takes the number after `was` and puts a new nonce. The row's lock is held until
 * the commit is visible, so numbers appear in order. JT_STALE, with nothing taken, if the head is another than `was`. */
JT_MUST_USE enum jt_result jt_head_take(
	struct jt_db *db, const struct jt_head *was, uint64_t nonce, struct jt_head *now);
/* The head as the current transaction sees it. */
JT_MUST_USE enum jt_result jt_head_read(struct jt_db *db, struct jt_head *out);
/* Appends the n-th change (from 0) of transaction `head`. `key` is at most 128 bytes. */
JT_MUST_USE enum jt_result jt_change_add(struct jt_db *db, const struct jt_head *head, uint64_t n,
	const struct jt_id *org, enum jt_noun noun, const void *key, size_t key_size);
/* The only change of a transaction that has no other: JT_NOUN_MARK. */
JT_MUST_USE enum jt_result jt_change_mark(struct jt_db *db, const struct jt_head *head);
/* The nonce that the changes of transaction `seq` have. JT_NOT_FOUND if they were pruned or never were. */
JT_MUST_USE enum jt_result jt_change_nonce(struct jt_db *db, uint64_t seq, uint64_t *nonce);
/* The changes after transaction `seq`, in order: columns org, noun, key. */
JT_MUST_USE enum jt_result jt_change_scan(struct jt_db *db, uint64_t seq, struct jt_rows **out);
/* Removes at most `limit` transactions from those that are JT_FEED_KEEP or more behind `head`; says how many numbers it
 * went over (0: nothing to do). */
JT_MUST_USE enum jt_result jt_change_prune(
	struct jt_db *db, const struct jt_head *head, int64_t limit, int64_t *removed);

#endif
