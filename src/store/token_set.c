/* SPDX-License-Identifier: Apache-2.0 */
#include "store/token_search.h"

#include <stdlib.h>
#include <string.h>

JT_SQL(token_list_of_team, "SELECT token FROM token_team WHERE org = $1 AND team = $2 ORDER BY token LIMIT $3");

/* No more than can all be looked at. */
#define FEW_MAX (JT_TOKEN_WORK_MAX / JT_TOKEN_LOOK)

struct set {
	size_t count, room;
	struct jt_id id[FEW_MAX];
};

/* One that fits, with its place. */
struct member {
	struct jt_id id;
	int64_t number;
	char *label; /* NULL unless it is the order */
};

struct members {
	size_t count;
	struct member *member;
};

/* ---- which they are */

/* Empties the set, and makes room for as many as there is work left to look at, each from every side. */
static void empty(const struct jt_token_search *s, struct set *set)
{
	const bool team = !jt_id_is_none(&s->f->team) && !s->of_team;
	const bool use = s->f->state == JT_TOKENS_UNUSED, order = s->wish->order == JT_TOKENS_BY_LAST_USED;
	const int64_t each = 1 + JT_TOKEN_LOOK * (1 + (team ? 1 : 0) + (use ? 1 : 0) + (order ? 1 : 0));
	const int64_t left = s->wish->work - s->out->work;

	set->count = 0;
	set->room = left / each < FEW_MAX ? (size_t)(left / each) : FEW_MAX;
}

/* Those of the team. *few is false if there are more than there is room for. */
static enum jt_result take_team(struct jt_token_search *s, struct set *set, bool *few)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = JT_OK;

	s->of_team = true;
	empty(s, set);
	r = jt_db_query(s->db, &token_list_of_team,
		JT_BIND(JT_ID(s->org), JT_ID(&s->f->team), JT_I((int64_t)set->room + 1)), &rows);
	while (r == JT_OK && (r = jt_rows_next(rows)) == JT_OK && set->count < set->room)
		set->id[set->count++] = jt_rows_id(rows, 0);
	jt_rows_close(&rows);
	s->out->work += (int64_t)set->count;
	s->of_team = *few = r == JT_DONE;
	return r == JT_DONE ? JT_OK : r;
}

/* Those along a path whose numbers are from `from` to `to`. */
static enum jt_result take_way(struct jt_token_search *s, enum jt_token_path path, const struct jt_id *by, int64_t from,
	int64_t to, struct set *set, bool *few)
{
	struct jt_token_place *place = calloc(1, sizeof(*place));
	struct jt_token_way way = {.path = path, .kind = s->f->kind, .from = place};
	struct jt_token_walk *walk = NULL;
	struct jt_token_step step;
	enum jt_result r = JT_NOMEM;

	empty(s, set);
	way.limit = (int64_t)set->room + 1;
	if (by)
		way.by = *by;
	if (place) {
		/* No token's id is none: the first of `from` is beyond this. */
		place->number = from;
		r = jt_token_walk_open(s->db, s->org, &way, &walk);
	}
	while (r == JT_OK && (r = jt_token_walk_next(walk, &step)) == JT_OK && set->count < set->room) {
		if (step.number > to) {
			r = JT_DONE;
			break;
		}
		set->id[set->count++] = step.id;
	}
	jt_token_walk_close(walk);
	free(place);
	s->out->work += (int64_t)set->count;
	*few = r == JT_DONE;
	return r == JT_DONE ? JT_OK : r;
}

/* Those that the state lets through. */
static enum jt_result take_state(struct jt_token_search *s, struct set *set, bool *few)
{
	if (s->f->state == JT_TOKENS_UNUSED)
		return take_way(s, JT_TOKENS_ALONG_LAST_USED, NULL, JT_TOKEN_NEVER_USED, JT_TOKEN_NEVER_USED, set, few);
	return take_way(s, JT_TOKENS_ALONG_EXPIRES, NULL, s->end_from, s->end_to, set, few);
}

/* By the first filter that lets few through. */
static enum jt_result take_few(struct jt_token_search *s, struct set *set, bool *few)
{
	const struct jt_token_filter *f = s->f;
	enum jt_result r = JT_OK;

	*few = false;
	if (!jt_id_is_none(&f->one)) {
		set->id[0] = f->one;
		set->count = 1;
		*few = true;
	}
	if (!*few && !jt_id_is_none(&f->team))
		r = take_team(s, set, few);
	if (r == JT_OK && !*few && f->of != JT_TOKENS_ALL)
		r = take_way(s, f->of == JT_TOKENS_OF_USER ? JT_TOKENS_ALONG_USER : JT_TOKENS_ALONG_TOKEN, &f->by,
			INT64_MIN, INT64_MAX, set, few);
	if (r == JT_OK && !*few && !jt_id_is_none(&f->role))
		r = take_way(s, JT_TOKENS_ALONG_ROLE, &f->role, INT64_MIN, INT64_MAX, set, few);
	if (r == JT_OK && !*few && f->kind)
		r = take_way(s, JT_TOKENS_ALONG_KIND, NULL, INT64_MIN, INT64_MAX, set, few);
	if (r == JT_OK && !*few && f->state != JT_TOKENS_LIVE_OR_EXPIRED)
		r = take_state(s, set, few);
	return r;
}

/* ---- where they stand */

static int compare(const struct member *a, const struct member *b)
{
	int side = a->label ? strcmp(a->label, b->label) : (a->number > b->number) - (a->number < b->number);

	return side != 0 ? side : memcmp(a->id.b, b->id.b, sizeof(a->id.b));
}

static int by_place_rising(const void *a, const void *b)
{
	return compare(a, b);
}

static int by_place_falling(const void *a, const void *b)
{
	return compare(b, a);
}

static enum jt_result place(
	struct jt_token_search *s, const struct jt_id *id, const struct jt_token_facts *facts, struct member *out)
{
	*out = (struct member){.id = *id};
	switch (s->wish->order) {
	case JT_TOKENS_BY_CREATED:
		out->number = facts->created_ns;
		return JT_OK;
	case JT_TOKENS_BY_EXPIRES:
		out->number = facts->expires_s;
		return JT_OK;
	case JT_TOKENS_BY_LAST_USED:
		return jt_token_use(s, id, &out->number);
	case JT_TOKENS_BY_LABEL:
		break;
	}
	out->label = strdup(facts->label);
	return out->label ? JT_OK : JT_NOMEM;
}

static bool is_beyond(const struct jt_token_search *s, const struct member *m)
{
	const struct jt_token_place *after = &s->wish->after;
	const char *label = m->label ? after->label : NULL;
	int side = 0;

	if (!s->wish->continued)
		return true;
	side = label ? strcmp(m->label, label) : (m->number > after->number) - (m->number < after->number);
	if (side == 0)
		side = memcmp(m->id.b, after->id.b, sizeof(m->id.b));
	return s->wish->descending ? side < 0 : side > 0;
}

/* Adds it if it fits and has not been shown. */
static enum jt_result consider(struct jt_token_search *s, const struct jt_id *id, struct members *list)
{
	struct jt_token_facts facts;
	struct member m = {.label = NULL};
	bool fits = false;
	enum jt_result r = jt_token_row_fits(s, id, &fits, &facts);

	if (r == JT_OK && fits)
		r = jt_token_rest_fits(s, id, JT_TOKENS_PATHS, &fits);
	if (r != JT_OK || !fits)
		return r;
	r = place(s, id, &facts, &m);
	if (r == JT_OK && is_beyond(s, &m))
		list->member[list->count++] = m;
	else
		free(m.label);
	return r;
}

/* ---- the page */

static void set_next(struct jt_token_place *next, const struct member *m)
{
	*next = (struct jt_token_place){.number = m->number, .id = m->id};
	if (m->label)
		(void)stpncpy(next->label, m->label, sizeof(next->label) - 1);
}

static void cut(struct jt_token_search *s, struct members *list)
{
	struct jt_token_found *out = s->out;
	const size_t first = out->skip < list->count ? (size_t)out->skip : list->count;
	const size_t left = list->count - first;

	qsort(list->member, list->count, sizeof(*list->member),
		s->wish->descending ? by_place_falling : by_place_rising);
	out->skip = 0;
	out->more = left > s->wish->limit;
	out->count = out->more ? s->wish->keep : left;
	for (size_t i = 0; i < out->count; i++)
		out->id[i] = list->member[first + i].id;
	if (out->more)
		set_next(&out->next, &list->member[first + out->count - 1]);
}

enum jt_result jt_token_list_few(struct jt_token_search *s)
{
	struct set *set = malloc(sizeof(*set));
	struct members list = {.member = NULL};
	bool few = false;
	enum jt_result r = set ? take_few(s, set, &few) : JT_NOMEM;

	if (r == JT_OK && few) {
		list.member = calloc(set->count + 1, sizeof(*list.member));
		r = list.member ? JT_OK : JT_NOMEM;
		for (size_t i = 0; r == JT_OK && i < set->count; i++)
			r = consider(s, &set->id[i], &list);
		if (r == JT_OK)
			cut(s, &list);
	}
	for (size_t i = 0; i < list.count; i++)
		free(list.member[i].label);
	free(list.member);
	free(set);
	return r == JT_OK && !few ? JT_DONE : r;
}
