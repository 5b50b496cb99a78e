/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_TABLE_PUT_H
#define JT_TABLE_PUT_H

#include "table/find.h"
#include "table/records.h"

/* Writing into one file, store by store, so that whoever stops between two of them leaves what is true: a record is whole
 * before anything leads to it, what narrows comes before what widens, and doing it again ends in the same. Each: JT_DISK_FULL
 * if the file has no room for it (then nothing that can be seen has changed), JT_TOO_LONG. For this room alone. */
JT_MUST_USE enum jt_result jt_put_org(struct jt_view *w, const struct jt_table_org *o);
JT_MUST_USE enum jt_result jt_put_user(struct jt_view *w, const struct jt_table_user *u);
JT_MUST_USE enum jt_result jt_put_role(struct jt_view *w, const struct jt_table_role *r);
JT_MUST_USE enum jt_result jt_put_managed(struct jt_view *w, const struct jt_role *r);
JT_MUST_USE enum jt_result jt_put_team(struct jt_view *w, const struct jt_id *org, const struct jt_id *team);
JT_MUST_USE enum jt_result jt_put_member(struct jt_view *w, const struct jt_table_member *m);
JT_MUST_USE enum jt_result jt_put_app(struct jt_view *w, const struct jt_table_app *a);
/* What is burnt in `before` is put as burnt: the file itself, or the one whose place it is to take. NULL: nothing is. */
JT_MUST_USE enum jt_result jt_put_token(
	struct jt_view *w, const struct jt_view *before, const struct jt_table_token *k);
/* Of an org or token that is there, at once, what the row takes from it: its owner if there is another; values that are no more,
 * and what they lived longer. */
void jt_put_narrow_org(struct jt_view *w, const struct jt_table_org *o);
void jt_put_narrow_token(struct jt_view *w, const struct jt_table_token *k);
/* Does the list at `ref` say the row's teams, but for such as are gone? They count for nothing. */
bool jt_put_list_is(const struct jt_view *v, uint32_t org, uint32_t ref, const struct jt_table_token *k);
/* Is the token there, alive, with another role? */
bool jt_put_token_differs(const struct jt_view *v, const struct jt_table_token *k);
void jt_drop_org(struct jt_view *w, const struct jt_id *org);
void jt_drop_user(struct jt_view *w, const struct jt_id *org, const struct jt_id *user);
void jt_drop_role(struct jt_view *w, const struct jt_id *org, const struct jt_id *role);
void jt_drop_team(struct jt_view *w, const struct jt_id *org, const struct jt_id *team);
void jt_drop_member(struct jt_view *w, const struct jt_id *org, const struct jt_id *team, const struct jt_id *user);
void jt_drop_app(struct jt_view *w, const struct jt_id *org, const char *name);
void jt_drop_token(struct jt_view *w, const struct jt_id *org, const struct jt_id *token);

/* Parts of the above. */
/* A store that is counted; what is already so is not stored. */
static inline void jt_put_word(struct jt_view *w, _Atomic uint64_t *at, uint64_t word)
{
	if (atomic_load_explicit(at, memory_order_relaxed) == word)
		return;
	atomic_store_explicit(at, word, memory_order_release);
	jt_moves_on(w);
}
/* `count` elements that nobody has had; *at is the first. JT_DISK_FULL. */
JT_MUST_USE enum jt_result jt_put_claim(struct jt_view *w, enum jt_section section, uint32_t count, uint32_t *at);
/* Lets `element` be found by `hash`. JT_DISK_FULL: seven in eight slots are taken. */
JT_MUST_USE enum jt_result jt_put_slot(struct jt_view *w, enum jt_section slots, uint64_t hash, uint32_t element);
/* The element of an id, made if there is none: an org, a user and a team that count for nothing yet, a role that grants nothing. */
JT_MUST_USE enum jt_result jt_put_need_org(struct jt_view *w, const struct jt_id *id, uint32_t *out);
JT_MUST_USE enum jt_result jt_put_need_user(struct jt_view *w, uint32_t org, const struct jt_id *id, uint32_t *out);
JT_MUST_USE enum jt_result jt_put_need_team(struct jt_view *w, uint32_t org, const struct jt_id *id, uint32_t *out);
/* A managed role if there is one of this id, else the org's. */
JT_MUST_USE enum jt_result jt_put_need_role(struct jt_view *w, uint32_t org, const struct jt_id *id, uint32_t *out);
/* The words of a user's personal token say again what the records say. */
void jt_put_refresh(struct jt_view *w, uint32_t user);
/* The same of somebody who is about to own the org no longer. */
void jt_put_disown(struct jt_view *w, uint32_t user);
/* A place for a value with this digest that is neither taken nor `*but`; JT_DISK_FULL. */
JT_MUST_USE enum jt_result jt_put_place(struct jt_view *w, const uint8_t *digest, const uint32_t *but, uint32_t *out);
/* Fills the entry `at` and publishes it. */
void jt_put_entry(struct jt_view *w, uint32_t at, const uint8_t *digest, uint32_t org, uint32_t token, uint64_t word);
/* Seconds UTC as a word counts them. 0 is never; what lies before the epoch is the first second after it. */
uint32_t jt_put_expiry(const struct jt_view *w, int64_t expires_s);

#endif
