/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/note.h"
#include "authority/token.h"

#include <stdlib.h>

/* One that is known to live. `with`: whose end it shares, named `as` in the audit row, or NULL. */
static enum jt_result revoke_one(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id, const char *as, const struct jt_id *with)
{
	const struct jt_id *org = &who->caller.org;
	enum jt_result r = jt_token_mark_revoked(tx->db, org, id, tx->now_ns);
	char text[JT_ID_TEXT_SIZE];

	if (r == JT_OK)
		r = jt_tx_changed_id(tx, org, JT_NOUN_TOKEN, id);
	if (r == JT_OK)
		r = jt_note_id(tx, who, "delete_token", "token", id,
			with ? json_pack("{s:s}", as, jt_id_text(with, text)) : json_object());
	return r;
}

/* Reads a whole list of ids before the first of them is changed: no list is walked while its rows move. */
static enum jt_result read_ids(struct jt_rows *rows, struct jt_id **ids, size_t *count)
{
	struct jt_id *list = NULL, *more = NULL;
	size_t room = 0, n = 0;
	enum jt_result r;

	while ((r = jt_rows_next(rows)) == JT_OK) {
		if (n == room) {
			room = room ? room * 2 : 64;
			more = reallocarray(list, room, sizeof(*list));
			if (!more) {
				free(list);
				return JT_NOMEM;
			}
			list = more;
		}
		list[n++] = jt_rows_id(rows, 0);
	}
	if (r != JT_DONE) {
		free(list);
		return r;
	}
	*ids = list;
	*count = n;
	return JT_OK;
}

/* All that `rows` lists, which is closed. */
static enum jt_result revoke_listed(struct jt_tx *tx, const struct jt_actor *who, struct jt_rows *rows, const char *as,
	const struct jt_id *with, int64_t *revoked)
{
	struct jt_id *ids = NULL;
	size_t count = 0;
	enum jt_result r = read_ids(rows, &ids, &count);

	jt_rows_close(&rows);
	for (size_t i = 0; r == JT_OK && i < count; i++)
		r = revoke_one(tx, who, &ids[i], as, with);
	free(ids);
	*revoked = (int64_t)count;
	return r;
}

enum jt_result jt_token_revoke_made(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *user, int64_t *revoked, struct jt_why *why)
{
	const struct jt_place at_org = {.kind = JT_PLACE_ORG};
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_rule_holds(tx, who, "tokens:delete", &at_org, why);

	*revoked = 0;
	if (r == JT_OK)
		r = jt_token_made_by(tx->db, &who->caller.org, user, &rows);
	return r == JT_OK ? revoke_listed(tx, who, rows, "with_user", user, revoked) : r;
}

enum jt_result jt_token_revoke(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id,
	enum jt_cascade cascade, struct jt_why *why)
{
	struct jt_token_shown t;
	struct jt_rows *rows = NULL;
	int64_t revoked = 0;
	enum jt_result r = jt_token_show(tx, who, id, &t, why);

	if (r == JT_OK)
		r = revoke_one(tx, who, id, NULL, NULL);
	if (r != JT_OK || cascade == JT_CASCADE_NO || t.row.kind != JT_KIND_SERVICE)
		return r;
	r = jt_token_issued_by(tx->db, &who->caller.org, id, &rows);
	return r == JT_OK ? revoke_listed(tx, who, rows, "cascade_of", id, &revoked) : r;
}

enum jt_result jt_token_revoke_all(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id, size_t count, bool *done)
{
	enum jt_result r = JT_OK;

	for (size_t i = 0; r == JT_OK && i < count; i++) {
		r = jt_token_revoke(tx, who, &id[i], JT_CASCADE_NO, NULL);
		done[i] = r == JT_OK;
		if (r == JT_NOT_FOUND)
			r = JT_OK;
	}
	return r;
}
