/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_TABLE_TABLE_H
#define JT_TABLE_TABLE_H

#include "base/result.h"
#include "table/records.h"
#include "table/view.h"

/* The table that tokens are verified from, as its one writer has it: a file on tmpfs (doc/formats/table.md) that the follower
 * alone writes (src/feed/), and that anybody reads without a lock, here (jt_table_view) or in another process. */
struct jt_table;

struct jt_table_options {
	const char *dir;    /* where the file `table` is kept; NULL: nowhere, for this process alone */
	struct jt_id store; /* which database it shows */
	const char *brand;  /* of values */
	unsigned bound_s;   /* how long it may be believed after the writer last knew that nothing was missing */
};

#define JT_TABLE_BOUND_MIN_S 6 /* the coarse clock's window must be well below */
#define JT_TABLE_BOUND_MAX_S 3600
#define JT_TABLE_BOUND_EMBEDDED_S 60
#define JT_TABLE_FILE "table"

/* How many of each there are to be, at least. */
struct jt_table_sizes {
	uint64_t orgs, roles, users, teams, members, apps, tokens;
	uint64_t text; /* bytes of apps' names */
	uint64_t teams_of_tokens;
	uint64_t overlaps; /* tokens that have two values */
};

/* Takes DIR/lock for life (JT_LOCKED with `why`), makes the directory if there is none, and goes on with the file that it finds
 * if it is sound and of this database; else there is no view until the first rebuild. JT_IO, JT_NOMEM. */
JT_MUST_USE enum jt_result jt_table_new(
	const struct jt_table_options *options, struct jt_table **out, struct jt_why *why);
/* The file stays, and is believed until its lease ends. NULL is taken. */
void jt_table_free(struct jt_table *t);

/* ---- The writer: one thread at a time. Each put replaces what has the same id, each drop takes what is absent. What is put
 * is visible at once. JT_DISK_FULL: there is no room and no larger file could be had; JT_NOMEM. Both leave the record as it
 * was: jt_table_poison then, or jt_table_reserve before. */

/* A successor is filled by the puts that follow, while the present file goes on answering. `policy` gives the vocabulary and
 * the managed roles; until it is published each token is to be put once. JT_DISK_FULL, JT_NOMEM, JT_IO. */
JT_MUST_USE enum jt_result jt_table_rebuild(
	struct jt_table *t, const struct jt_policy *policy, const struct jt_table_sizes *sizes);
/* The successor takes the path, then the old file is retired; its lease goes on in the successor, which was read later. On
 * failure there is none, and the old file goes on. */
JT_MUST_USE enum jt_result jt_table_publish(struct jt_table *t, uint64_t seq, uint64_t nonce);
void jt_table_abandon(struct jt_table *t);
/* All changes up to `seq` are shown. */
void jt_table_show(struct jt_table *t, uint64_t seq, uint64_t nonce);
/* Every verification refuses until there is a successor. */
void jt_table_poison(struct jt_table *t);
/* Renews the lease: at `taken_ns` of CLOCK_BOOTTIME, before it was asked, the feed held nothing that the table does not show.
 * Notices a clock that was stepped back, and then lets nothing live again that had expired. Frees retired files in time. */
void jt_table_renew(struct jt_table *t, int64_t taken_ns);
/* Makes sure that so many more of each can be put. JT_DISK_FULL, JT_NOMEM, JT_IO: nothing has changed. */
JT_MUST_USE enum jt_result jt_table_reserve(struct jt_table *t, const struct jt_table_sizes *more);
/* Can they be put as it is? A quick look, by any thread; the writer may have taken it a moment later. */
bool jt_table_holds(const struct jt_table *t, const struct jt_table_sizes *more);

/* Orgs, users, custom roles, teams, members, apps, tokens: put. */
JT_MUST_USE enum jt_result jt_table_put_org(struct jt_table *t, const struct jt_table_org *o);
JT_MUST_USE enum jt_result jt_table_put_user(struct jt_table *t, const struct jt_table_user *u);
JT_MUST_USE enum jt_result jt_table_put_role(struct jt_table *t, const struct jt_table_role *r);
JT_MUST_USE enum jt_result jt_table_put_team(struct jt_table *t, const struct jt_id *org, const struct jt_id *team);
JT_MUST_USE enum jt_result jt_table_put_member(struct jt_table *t, const struct jt_table_member *m);
JT_MUST_USE enum jt_result jt_table_put_app(struct jt_table *t, const struct jt_table_app *a);
/* Also JT_TOO_LONG for more values or teams than the maximum. A value that the token no longer has is dead. */
JT_MUST_USE enum jt_result jt_table_put_token(struct jt_table *t, const struct jt_table_token *k);
/* The same: dropped. Nothing in a dropped org counts any more, nor a membership of a dropped user or team. */
void jt_table_drop_org(struct jt_table *t, const struct jt_id *org);
void jt_table_drop_user(struct jt_table *t, const struct jt_id *org, const struct jt_id *user);
void jt_table_drop_role(struct jt_table *t, const struct jt_id *org, const struct jt_id *role);
void jt_table_drop_team(struct jt_table *t, const struct jt_id *org, const struct jt_id *team);
void jt_table_drop_member(
	struct jt_table *t, const struct jt_id *org, const struct jt_id *team, const struct jt_id *user);
void jt_table_drop_app(struct jt_table *t, const struct jt_id *org, const char *name);
void jt_table_drop_token(struct jt_table *t, const struct jt_id *org, const struct jt_id *token);

/* Rows that changed, be it by one transaction or by several whose states in between are no longer known: all of them into the
 * present file, in an order in which it never grants what was granted neither before nor after (doc/formats/table.md "The order of
 * stores"). For that long a member or an app may be refused whose user, or team, changes with it. Errors as of a put. */
JT_MUST_USE enum jt_result jt_table_tell(struct jt_table *t, const struct jt_table_row *row, size_t count);
/* What telling them would take of the view's room, added up: nothing for what is there and only changes, is dropped, revoked or
 * put to rest. */
struct jt_table_sizes jt_view_needs(const struct jt_view *v, const struct jt_table_row *row, size_t count);

/* ---- Readers: any thread, no lock. */

/* The present file; NULL before there is one. It stays mapped until jt_table_free, but once it is retired its memory is given
 * back: what was refused in a view that no longer lives is to be asked again in the present one. */
const struct jt_view *jt_table_view(const struct jt_table *t);
uint64_t jt_table_watermark(const struct jt_table *t); /* the last change that is shown; 0: none */
uint64_t jt_table_nonce(const struct jt_table *t);
bool jt_table_stands(const struct jt_table *t);   /* there, and not poisoned; its lease may have run out */
bool jt_table_poisoned(const struct jt_table *t); /* poisoned, past its lease, or not there */
/* Odd while rows are told, or another file takes over. What was asked between two looks at it that found the same even number was
 * all so at one moment: records, words, and which file it is. */
uint64_t jt_table_moment(const struct jt_table *t);
/* The second UTC as the writer has it, which is what the table's expiries are held against. False: poisoned. */
bool jt_table_now(const struct jt_table *t, int64_t *now_s);
uint64_t jt_table_tokens(const struct jt_table *t);
uint64_t jt_table_bytes(const struct jt_table *t); /* of the file */
/* Which token a reader means that names it as it stood in some file of this process's; false: no longer known. */
bool jt_table_token_at(
	const struct jt_table *t, uint64_t instance, uint32_t index, struct jt_id *org, struct jt_id *token);

/* ---- What a view shows, by id. False: there is no such thing. */
bool jt_view_org(const struct jt_view *v, const struct jt_id *org, struct jt_table_org *out);
bool jt_view_user(const struct jt_view *v, const struct jt_id *org, const struct jt_id *id, struct jt_table_user *out);
bool jt_view_role(const struct jt_view *v, const struct jt_id *org, const struct jt_id *id, struct jt_table_role *out);
bool jt_view_has_team(const struct jt_view *v, const struct jt_id *org, const struct jt_id *team);
bool jt_view_member(const struct jt_view *v, const struct jt_id *org, const struct jt_id *team,
	const struct jt_id *user, struct jt_table_member *out);
bool jt_view_app(const struct jt_view *v, const struct jt_id *org, const char *name, struct jt_table_app *out);
/* By id. Revoked ones are found too. */
bool jt_view_token(
	const struct jt_view *v, const struct jt_id *org, const struct jt_id *id, struct jt_table_token *out);
/* The live personal token of a user. */
bool jt_view_personal(const struct jt_view *v, const struct jt_id *org, const struct jt_id *user, struct jt_id *token);
/* The teams that a user is in and that are there: up to `max` ids into `out`; returns how many there are in all. */
size_t jt_view_teams_of_user(
	const struct jt_view *v, const struct jt_id *org, const struct jt_id *user, struct jt_id *out, size_t max);

#endif
