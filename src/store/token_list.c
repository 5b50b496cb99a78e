/* SPDX-License-Identifier: Apache-2.0 */
#include "store/token_search.h"

#include <stdio.h>
#include <stdlib.h>

/* A quarter of the work is spent on walking before it is asked whether few fit: mostly the page is full by then. */
#define SHARE_BEFORE_FEW 4

static const struct jt_id lowest = {{0}};
static const struct jt_id highest = {{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}};

enum stand { FULL, ENDED, PAUSED };

/* A walk that can be gone on with. */
struct walking {
	struct jt_token_walk *walk;
	struct jt_token_way way;
	struct jt_token_place from; /* what way.from points to, if anything */
	bool must_look;
	struct jt_token_place at; /* the last entry */
};

static void set_bounds(struct jt_token_search *s)
{
	const struct jt_token_filter *f = s->f;

	s->end_from = f->state == JT_TOKENS_LIVE_OR_EXPIRED || f->state == JT_TOKENS_EXPIRED ? INT64_MIN : f->now_s + 1;
	s->end_to = f->state == JT_TOKENS_EXPIRED    ? f->now_s
		    : f->state == JT_TOKENS_EXPIRING ? f->now_s + JT_TOKENS_EXPIRE_SOON_S
						     : JT_TOKEN_NO_END;
	s->from = INT64_MIN;
	s->to = INT64_MAX;
	if (s->wish->order == JT_TOKENS_BY_EXPIRES) {
		s->from = s->end_from;
		s->to = s->end_to;
	} else if (s->wish->order == JT_TOKENS_BY_LAST_USED && f->state == JT_TOKENS_UNUSED) {
		s->from = s->to = JT_TOKEN_NEVER_USED;
	}
}

static enum jt_token_path path_of(const struct jt_token_search *s)
{
	const struct jt_token_filter *f = s->f;

	switch (s->wish->order) {
	case JT_TOKENS_BY_LABEL:
		return JT_TOKENS_ALONG_LABEL;
	case JT_TOKENS_BY_LAST_USED:
		return JT_TOKENS_ALONG_LAST_USED;
	case JT_TOKENS_BY_EXPIRES:
		return JT_TOKENS_ALONG_EXPIRES;
	case JT_TOKENS_BY_CREATED:
		break;
	}
	if (f->of != JT_TOKENS_ALL)
		return f->of == JT_TOKENS_OF_USER ? JT_TOKENS_ALONG_USER : JT_TOKENS_ALONG_TOKEN;
	if (!jt_id_is_none(&f->role))
		return JT_TOKENS_ALONG_ROLE;
	return f->kind ? JT_TOKENS_ALONG_KIND : JT_TOKENS_ALONG_CREATED;
}

/* Where the walk begins: at the wish's place, or where the first can be that fits. */
static void set_start(const struct jt_token_search *s, struct walking *w)
{
	const bool down = s->wish->descending, continued = s->wish->continued;
	const struct jt_token_place *after = &s->wish->after;

	if (!down && s->from > INT64_MIN && !(continued && after->number >= s->from))
		w->from = (struct jt_token_place){.number = s->from - 1, .id = highest};
	else if (down && s->to < INT64_MAX && !(continued && after->number <= s->to))
		w->from = (struct jt_token_place){.number = s->to + 1, .id = lowest};
	else if (continued)
		w->from = *after;
	else
		return;
	w->way.from = &w->from;
}

static enum jt_result start(struct jt_token_search *s, struct walking *w)
{
	const struct jt_token_filter *f = s->f;

	w->way = (struct jt_token_way){.path = path_of(s), .kind = f->kind, .descending = s->wish->descending};
	w->way.by = w->way.path == JT_TOKENS_ALONG_ROLE ? f->role : f->by;
	w->way.limit = s->wish->work;
	w->must_look = jt_token_must_look(s, w->way.path);
	set_start(s, w);
	return jt_token_walk_open(s->db, s->org, &w->way, &w->walk);
}

static enum jt_result judge(struct jt_token_search *s, struct walking *w, const struct jt_token_step *step, bool *fits)
{
	struct jt_token_facts facts;
	enum jt_result r = JT_OK;

	*fits = jt_token_step_fits(s, step);
	if (*fits && w->must_look)
		r = jt_token_row_fits(s, &step->id, fits, &facts);
	if (r == JT_OK && *fits)
		r = jt_token_rest_fits(s, &step->id, w->way.path, fits);
	return r;
}

static void note_place(struct walking *w, const struct jt_token_step *step)
{
	w->at.number = step->number;
	w->at.id = step->id;
	if (w->way.path == JT_TOKENS_ALONG_LABEL)
		(void)snprintf(w->at.label, sizeof(w->at.label), "%s", step->label);
}

/* Takes one that fits. FULL: there was no more room for it. */
static enum stand take(struct jt_token_search *s, const struct walking *w)
{
	struct jt_token_found *out = s->out;

	if (out->skip > 0) {
		out->skip--;
		return PAUSED;
	}
	if (out->count == s->wish->limit)
		return FULL;
	out->id[out->count++] = w->at.id;
	if (out->count == s->wish->keep)
		out->next = w->at;
	return PAUSED;
}

static bool is_beyond(const struct jt_token_search *s, int64_t number)
{
	return s->wish->descending ? number < s->from : number > s->to;
}

/* Walks until so much work was done in all. */
static enum jt_result walk_on(struct jt_token_search *s, struct walking *w, int64_t work, enum stand *stand)
{
	struct jt_token_step step;
	enum jt_result r = JT_OK;

	*stand = PAUSED;
	while (r == JT_OK && *stand == PAUSED && s->out->work < work) {
		bool fits = false;

		r = jt_token_walk_next(w->walk, &step);
		s->out->work++;
		if (r == JT_DONE || (r == JT_OK && is_beyond(s, step.number))) {
			*stand = ENDED;
			return JT_OK;
		}
		if (r != JT_OK)
			return r;
		note_place(w, &step);
		r = judge(s, w, &step, &fits);
		if (r == JT_OK && fits)
			*stand = take(s, w);
	}
	return r;
}

static void begin_again(struct jt_token_search *s)
{
	s->out->count = 0;
	s->out->skip = s->wish->skip;
}

/* Along the order, unless that takes long and few are to be looked at. */
static enum jt_result search(struct jt_token_search *s, struct walking *w)
{
	const int64_t all = s->wish->work;
	enum stand stand = PAUSED;
	enum jt_result r = start(s, w);

	if (r == JT_OK)
		r = walk_on(s, w, all / SHARE_BEFORE_FEW, &stand);
	if (r == JT_OK && stand == PAUSED) {
		const struct jt_token_found so_far = *s->out;

		begin_again(s);
		r = jt_token_list_few(s);
		if (r != JT_DONE)
			return r;
		s->out->count = so_far.count;
		s->out->skip = so_far.skip;
		r = walk_on(s, w, all, &stand);
	}
	if (r != JT_OK || stand == ENDED)
		return r;
	s->out->more = true;
	if (stand == FULL)
		s->out->count = s->wish->keep;
	else
		s->out->next = w->at;
	return JT_OK;
}

enum jt_result jt_token_list(struct jt_db *db, const struct jt_id *org, const struct jt_token_filter *f,
	const struct jt_token_wish *wish, struct jt_token_found *out)
{
	struct jt_token_search s = {.db = db, .org = org, .f = f, .wish = wish, .out = out};
	struct walking *w = calloc(1, sizeof(*w));
	enum jt_result r = JT_NOMEM;

	*out = (struct jt_token_found){.id = calloc(wish->limit, sizeof(*out->id)), .skip = wish->skip};
	if (w && out->id) {
		set_bounds(&s);
		r = jt_id_is_none(&f->one) ? search(&s, w) : jt_token_list_few(&s);
	}
	if (w)
		jt_token_walk_close(w->walk);
	free(w);
	return r;
}
