/* SPDX-License-Identifier: Apache-2.0 */
#include "store/token_walk.h"

#include <stdlib.h>

/* One statement for each index and direction, so that none scans or sorts. Each begins beyond a place; a number that is before
 * or behind all stands for the start, by label there is a statement more for the end. */
#define OF_ORG(what) "FROM token WHERE org = $1 AND listed = 1" what
#define RISING(key) " AND (" key ", id) > ($2, $3) ORDER BY " key ", id LIMIT $4"
#define FALLING(key) " AND (" key ", id) < ($2, $3) ORDER BY " key " DESC, id DESC LIMIT $4"
#define BOTH_WAYS(name, columns, where, key) \
	JT_SQL(name##_up, "SELECT " columns " " OF_ORG(where) RISING(key)); \
	JT_SQL(name##_down, "SELECT " columns " " OF_ORG(where) FALLING(key))

BOTH_WAYS(token_list_created, "created_ns, id, expires_s, label_fold", "", "created_ns");
BOTH_WAYS(token_list_label, "label_fold, id, expires_s", "", "label_fold");
JT_SQL(token_list_label_last,
	"SELECT label_fold, id, expires_s " OF_ORG("") " ORDER BY label_fold DESC, id DESC LIMIT $2");
BOTH_WAYS(token_list_expires, "expires_s, id, label_fold", " AND expires_s IS NOT NULL", "expires_s");
JT_SQL(token_list_endless_up,
	"SELECT id, label_fold " OF_ORG(" AND expires_s IS NULL AND id > $2") " ORDER BY id LIMIT $3");
JT_SQL(token_list_endless_down,
	"SELECT id, label_fold " OF_ORG(" AND expires_s IS NULL AND id < $2") " ORDER BY id DESC LIMIT $3");
BOTH_WAYS(token_list_user, "created_ns, id", " AND created_by = $5", "created_ns");
BOTH_WAYS(token_list_token, "created_ns, id", " AND created_by_token = $5", "created_ns");
BOTH_WAYS(token_list_role, "created_ns, id", " AND role = $5", "created_ns");
BOTH_WAYS(token_list_kind, "created_ns, id", " AND kind = $5", "created_ns");
JT_SQL(token_list_last_used_up,
	"SELECT last_used_s, token FROM token_usage WHERE org = $1 AND listed = 1 AND (last_used_s, "
	"token) > ($2, $3) ORDER BY last_used_s, token LIMIT $4");
JT_SQL(token_list_last_used_down,
	"SELECT last_used_s, token FROM token_usage WHERE org = $1 AND listed = 1 AND (last_used_s, "
	"token) < ($2, $3) ORDER BY last_used_s DESC, token DESC LIMIT $4");

static const struct jt_id lowest = {{0}};
static const struct jt_id highest = {{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}};

/* By expiry there are two parts: those that end, and behind them those that never do. */
enum part { ENDING, ENDLESS };

struct jt_token_walk {
	struct jt_db *db;
	struct jt_id org;
	enum jt_token_path path;
	bool descending;
	int64_t left; /* entries, for the second part */
	enum part part;
	bool last_part;
	struct jt_rows *rows;
};

static struct jt_val way_value(const struct jt_token_way *way)
{
	return way->path == JT_TOKENS_ALONG_KIND ? JT_T(way->kind) : JT_B(way->by.b, JT_ID_SIZE);
}

static enum jt_result open_endless(struct jt_token_walk *w, const struct jt_id *from)
{
	const struct jt_id *beyond = from ? from : w->descending ? &highest : &lowest;

	w->part = ENDLESS;
	return jt_db_query(w->db, w->descending ? &token_list_endless_down : &token_list_endless_up,
		JT_BIND(JT_ID(&w->org), JT_B(beyond->b, JT_ID_SIZE), JT_I(w->left)), &w->rows);
}

static enum jt_result open_ending(struct jt_token_walk *w, const struct jt_token_place *from)
{
	const struct jt_id *beyond = from ? &from->id : w->descending ? &highest : &lowest;
	const int64_t number = from ? from->number : w->descending ? INT64_MAX : INT64_MIN;

	w->part = ENDING;
	return jt_db_query(w->db, w->descending ? &token_list_expires_down : &token_list_expires_up,
		JT_BIND(JT_ID(&w->org), JT_I(number), JT_B(beyond->b, JT_ID_SIZE), JT_I(w->left)), &w->rows);
}

static enum jt_result open_expires(struct jt_token_walk *w, const struct jt_token_place *from)
{
	const bool endless = from ? from->number == JT_TOKEN_NO_END : w->descending;

	w->last_part = endless != w->descending;
	return endless ? open_endless(w, from ? &from->id : NULL) : open_ending(w, from);
}

static enum jt_result open_label(struct jt_token_walk *w, const struct jt_token_place *from)
{
	const struct jt_id *beyond = from ? &from->id : &lowest;

	if (!from && w->descending)
		return jt_db_query(w->db, &token_list_label_last, JT_BIND(JT_ID(&w->org), JT_I(w->left)), &w->rows);
	return jt_db_query(w->db, w->descending ? &token_list_label_down : &token_list_label_up,
		JT_BIND(JT_ID(&w->org), JT_T(from ? from->label : ""), JT_B(beyond->b, JT_ID_SIZE), JT_I(w->left)),
		&w->rows);
}

static enum jt_result open_number(struct jt_token_walk *w, const struct jt_token_way *way)
{
	static const struct jt_sql *const statements[JT_TOKENS_PATHS][2] = {
		[JT_TOKENS_ALONG_CREATED] = {&token_list_created_up, &token_list_created_down},
		[JT_TOKENS_ALONG_LAST_USED] = {&token_list_last_used_up, &token_list_last_used_down},
		[JT_TOKENS_ALONG_USER] = {&token_list_user_up, &token_list_user_down},
		[JT_TOKENS_ALONG_TOKEN] = {&token_list_token_up, &token_list_token_down},
		[JT_TOKENS_ALONG_ROLE] = {&token_list_role_up, &token_list_role_down},
		[JT_TOKENS_ALONG_KIND] = {&token_list_kind_up, &token_list_kind_down},
	};
	const bool one = way->path == JT_TOKENS_ALONG_CREATED || way->path == JT_TOKENS_ALONG_LAST_USED;
	const struct jt_id *beyond = way->from ? &way->from->id : way->descending ? &highest : &lowest;
	const int64_t number = way->from ? way->from->number : way->descending ? INT64_MAX : INT64_MIN;
	const struct jt_val vals[] = {
		JT_ID(&w->org), JT_I(number), JT_B(beyond->b, JT_ID_SIZE), JT_I(way->limit), way_value(way)};

	return jt_db_query(w->db, statements[way->path][way->descending ? 1 : 0], vals, one ? 4 : 5, &w->rows);
}

enum jt_result jt_token_walk_open(
	struct jt_db *db, const struct jt_id *org, const struct jt_token_way *way, struct jt_token_walk **out)
{
	struct jt_token_walk *w = calloc(1, sizeof(*w));
	enum jt_result r = JT_NOMEM;

	*out = NULL;
	if (!w)
		return r;
	*w = (struct jt_token_walk){.db = db, .org = *org, .path = way->path, .descending = way->descending};
	w->left = way->limit;
	w->last_part = true;
	if (way->path == JT_TOKENS_ALONG_LABEL)
		r = open_label(w, way->from);
	else if (way->path == JT_TOKENS_ALONG_EXPIRES)
		r = open_expires(w, way->from);
	else
		r = open_number(w, way);
	if (r != JT_OK) {
		free(w);
		return r;
	}
	*out = w;
	return JT_OK;
}

static void read_expires(struct jt_token_walk *w, struct jt_token_step *out)
{
	const bool endless = w->part == ENDLESS;

	out->number = endless ? JT_TOKEN_NO_END : jt_rows_int(w->rows, 0);
	out->id = jt_rows_id(w->rows, endless ? 0 : 1);
	out->label = jt_rows_text(w->rows, endless ? 1 : 2);
	out->end_known = true;
	out->expires_s = out->number;
}

static void read_step(struct jt_token_walk *w, struct jt_token_step *out)
{
	*out = (struct jt_token_step){.number = 0};
	if (w->path == JT_TOKENS_ALONG_EXPIRES) {
		read_expires(w, out);
		return;
	}
	out->id = jt_rows_id(w->rows, 1);
	if (w->path == JT_TOKENS_ALONG_LABEL)
		out->label = jt_rows_text(w->rows, 0);
	else
		out->number = jt_rows_int(w->rows, 0);
	if (w->path == JT_TOKENS_ALONG_CREATED)
		out->label = jt_rows_text(w->rows, 3);
	if (w->path == JT_TOKENS_ALONG_CREATED || w->path == JT_TOKENS_ALONG_LABEL) {
		out->end_known = true;
		out->expires_s = jt_rows_null(w->rows, 2) ? JT_TOKEN_NO_END : jt_rows_int(w->rows, 2);
	}
}

enum jt_result jt_token_walk_next(struct jt_token_walk *w, struct jt_token_step *out)
{
	enum jt_result r = jt_rows_next(w->rows);

	if (r == JT_DONE && !w->last_part && w->left > 0) {
		jt_rows_close(&w->rows);
		w->last_part = true;
		r = w->descending ? open_ending(w, NULL) : open_endless(w, NULL);
		if (r == JT_OK)
			r = jt_rows_next(w->rows);
	}
	if (r != JT_OK)
		return r;
	w->left--;
	read_step(w, out);
	return JT_OK;
}

void jt_token_walk_close(struct jt_token_walk *w)
{
	if (!w)
		return;
	jt_rows_close(&w->rows);
	free(w);
}
