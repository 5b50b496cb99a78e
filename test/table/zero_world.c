/* SPDX-License-Identifier: Apache-2.0 */
#include "zero_inside.h"

#include "base/clock.h"
#include "table/inside.h"

#include <sched.h>
#include <string.h>

static unsigned pick(struct world *w, unsigned of)
{
	return (unsigned)(zero_random(&w->random) >> 33) % of;
}

/* ---- marks */

void world_mark(struct probe *p, enum expect expect)
{
	uint64_t before = atomic_load_explicit(&p->mark, memory_order_relaxed);

	/* Sequentially consistent: what is put afterwards is not seen before it. */
	atomic_store(&p->mark, ((before >> 2) + 1) << 2 | (uint64_t)expect);
}

/* Lets the readers get some way. */
static void let_read(struct world *w)
{
	uint64_t began = 0, now = 0;

	for (unsigned i = 0; i < READERS_MAX; i++)
		began += atomic_load_explicit(&w->log->told[i].asked, memory_order_relaxed);
	for (unsigned n = 0; now < began + 400 && n < 1000000; n++) {
		now = 0;
		for (unsigned i = 0; i < READERS_MAX; i++)
			now += atomic_load_explicit(&w->log->told[i].asked, memory_order_relaxed);
		(void)sched_yield();
	}
}

static void point_at(struct world *w, uint32_t probe)
{
	uint32_t at = atomic_load_explicit(&w->log->latest_at, memory_order_relaxed);

	atomic_store_explicit(&w->log->recent[at % 64], probe, memory_order_relaxed);
	atomic_store_explicit(&w->log->latest_at, at + 1, memory_order_relaxed);
	atomic_store_explicit(&w->log->latest, probe, memory_order_relaxed);
}

/* From here on either answer is right. */
static void open_marks(struct world *w, uint32_t first, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		world_mark(&w->log->probe[first + i], EXPECT_EITHER);
	point_at(w, first + pick(w, count));
}

static void close_mark(struct world *w, uint32_t probe, bool allow)
{
	world_mark(&w->log->probe[probe], allow ? EXPECT_ALLOW : EXPECT_REFUSE);
}

static void close_early(struct world *w, uint32_t probe)
{
	if (w->sabotage != SABOTAGE_EARLY)
		return;
	close_mark(w, probe, false);
	let_read(w);
	world_mark(&w->log->probe[probe], EXPECT_EITHER);
}

/* The whole change is in the table. */
static void show(struct world *w)
{
	w->seq++;
	jt_table_show(w->table, w->seq, w->seq * 7);
	atomic_store_explicit(&w->log->shown, w->seq, memory_order_release);
}

/* ---- staff */

void world_staff_marks(struct world *w, const struct staff *s)
{
	bool lives = s->user_there && s->user.active;
	bool grants = s->role_there && s->strong;

	close_mark(w, s->probe, lives);
	close_mark(w, s->probe + 1, lives && s->has_role && grants);
	close_mark(w, s->probe + 2, grants);
	close_mark(w, s->probe + 3, true);
}

static void put_role(struct world *w, struct staff *s)
{
	s->role.scopes = s->strong ? w->strong.scopes : w->weak.scopes;
	if (s->role_there)
		MUST(jt_table_put_role(w->table, &s->role));
}

static void put_user(struct world *w, struct staff *s)
{
	s->user.role = s->has_role ? s->role.id : w->weak.id;
	if (s->user_there)
		MUST(jt_table_put_user(w->table, &s->user));
}

static void put_staff(struct world *w, struct staff *s)
{
	put_role(w, s);
	put_user(w, s);
	if (s->user_there)
		MUST(jt_table_put_token(w->table, &s->personal));
	MUST(jt_table_put_token(w->table, &s->custom));
}

static void change_staff(struct world *w)
{
	struct staff *s = &w->staff[pick(w, STAFF)];

	open_marks(w, s->probe, PROBES_OF_STAFF);
	switch (pick(w, 5)) {
	case 0:
		s->strong = !s->strong;
		if (!s->strong && s->role_there)
			close_early(w, s->probe + 2);
		put_role(w, s);
		break;
	case 1:
		s->role_there = !s->role_there;
		if (s->role_there)
			put_role(w, s);
		else
			jt_table_drop_role(w->table, &s->role.org, &s->role.id);
		break;
	case 2:
		s->user.active = !s->user.active;
		put_user(w, s);
		break;
	case 3:
		s->user_there = !s->user_there;
		if (s->user_there)
			put_staff(w, s);
		else
			jt_table_drop_user(w->table, &s->user.org, &s->user.id);
		break;
	default:
		s->has_role = !s->has_role;
		put_user(w, s);
	}
	show(w);
	world_staff_marks(w, s);
}

/* ---- crews */

void world_crew_marks(struct world *w, const struct crew *c)
{
	bool member = c->team_there && c->member_there;
	bool app = c->app_there && c->app_at_home && c->team_there;

	close_mark(w, c->probe, member && c->member_strong && app);
	close_mark(w, c->probe + 1, member && c->member_strong);
	close_mark(w, c->probe + 2, member);
	close_mark(w, c->probe + 3, app);
	close_mark(w, c->probe + 4, c->team_there);
	close_mark(w, c->probe + 5, c->app_there);
}

static void put_member(struct world *w, struct crew *c)
{
	c->member.role = c->member_strong ? w->strong.id : w->weak.id;
	if (c->member_there && c->team_there)
		MUST(jt_table_put_member(w->table, &c->member));
}

static void put_app(struct world *w, struct crew *c)
{
	c->app.team = !c->app_at_home ? w->elsewhere : c->team_there ? c->team : (struct jt_id){{0}};
	if (c->app_there)
		MUST(jt_table_put_app(w->table, &c->app));
}

static void put_crew(struct world *w, struct crew *c)
{
	if (c->team_there)
		MUST(jt_table_put_team(w->table, &c->member.org, &c->team));
	MUST(jt_table_put_user(w->table, &c->user));
	put_member(w, c);
	put_app(w, c);
	MUST(jt_table_put_token(w->table, &c->personal));
	MUST(jt_table_put_token(w->table, &c->limited));
}

static void change_crew(struct world *w)
{
	struct crew *c = &w->crew[pick(w, TEAMS)];

	open_marks(w, c->probe, PROBES_OF_TEAM);
	switch (pick(w, 5)) {
	case 0:
		c->team_there = !c->team_there;
		if (c->team_there) {
			put_crew(w, c);
		} else {
			close_early(w, c->probe + 4);
			jt_table_drop_team(w->table, &c->member.org, &c->team);
		}
		break;
	case 1:
		c->member_there = !c->member_there;
		if (c->member_there)
			put_member(w, c);
		else
			jt_table_drop_member(w->table, &c->member.org, &c->team, &c->user.id);
		break;
	case 2:
		c->member_strong = !c->member_strong;
		put_member(w, c);
		break;
	case 3:
		c->app_there = !c->app_there;
		if (c->app_there)
			put_app(w, c);
		else
			jt_table_drop_app(w->table, &c->app.org, c->app.name);
		break;
	default:
		c->app_at_home = !c->app_at_home;
		put_app(w, c);
	}
	show(w);
	world_crew_marks(w, c);
}

/* ---- tokens */

/* The next value that was never used: the log has it ready. */
static uint32_t new_value(struct world *w, struct jt_table_token *k, unsigned at)
{
	struct probe *p = &w->log->probe[w->log->probes++];

	jt_token_digest(p->value, strlen(p->value), k->digest[at]);
	return (uint32_t)(p - w->log->probe);
}

static void create(struct world *w, struct slot *s)
{
	s->token.id = world_id();
	s->token.values = 1;
	s->probe[0] = new_value(w, &s->token, 0);
	s->there = true;
	open_marks(w, s->probe[0], 1);
	MUST(jt_table_put_token(w->table, &s->token));
	show(w);
	close_mark(w, s->probe[0], true);
}

static void revoke(struct world *w, struct slot *s)
{
	unsigned values = s->token.values;

	for (unsigned i = 0; i < values; i++)
		open_marks(w, s->probe[i], 1);
	close_early(w, s->probe[0]);
	if (pick(w, 2)) {
		jt_table_drop_token(w->table, &s->token.org, &s->token.id);
	} else {
		s->token.revoked = true;
		s->token.values = 0;
		MUST(jt_table_put_token(w->table, &s->token));
		s->token.revoked = false;
	}
	show(w);
	for (unsigned i = 0; i < values; i++)
		close_mark(w, s->probe[i], false);
	s->there = false;
}

/* The new value first; the old one lives on in `overlap`, and whatever was before it is dead. */
static void rotate(struct world *w, struct slot *s, bool overlap)
{
	uint32_t old[JT_TOKEN_VALUES_MAX] = {s->probe[0], s->probe[1]};
	unsigned values = s->token.values;

	for (unsigned i = overlap ? 1 : 0; i < values; i++)
		open_marks(w, old[i], 1);
	memcpy(s->token.digest[1], s->token.digest[0], JT_DIGEST_SIZE);
	s->probe[1] = s->probe[0];
	s->probe[0] = new_value(w, &s->token, 0);
	s->token.values = overlap ? 2 : 1;
	open_marks(w, s->probe[0], 1);
	MUST(jt_table_put_token(w->table, &s->token));
	show(w);
	close_mark(w, s->probe[0], true);
	for (unsigned i = overlap ? 1 : 0; i < values; i++)
		close_mark(w, old[i], false);
}

static void end_overlap(struct world *w, struct slot *s)
{
	open_marks(w, s->probe[1], 1);
	s->token.values = 1;
	MUST(jt_table_put_token(w->table, &s->token));
	show(w);
	close_mark(w, s->probe[1], false);
}

static void change_token(struct world *w)
{
	struct slot *s = &w->slot[pick(w, SLOTS)];
	unsigned what = pick(w, 4);

	if (!s->there)
		create(w, s);
	else if (what == 0)
		revoke(w, s);
	else if (what == 1 && s->token.values == 2)
		end_overlap(w, s);
	else
		rotate(w, s, what == 2);
}

/* ---- orgs */

static void put_branch(struct world *w, struct branch *b)
{
	struct jt_table_role role = w->strong;

	if (!b->there)
		return;
	role.org = b->org.id;
	MUST(jt_table_put_org(w->table, &b->org));
	MUST(jt_table_put_role(w->table, &role));
	MUST(jt_table_put_token(w->table, &b->token));
}

static void change_branch(struct world *w)
{
	struct branch *b = &w->branch[pick(w, ORGS)];

	open_marks(w, b->probe, 1);
	if (pick(w, 2)) {
		b->there = !b->there;
		if (!b->there)
			jt_table_drop_org(w->table, &b->org.id);
	} else {
		b->org.active = !b->org.active;
	}
	put_branch(w, b);
	show(w);
	close_mark(w, b->probe, b->there && b->org.active);
}

void world_firm_marks(struct world *w, const struct firm *f)
{
	close_mark(w, f->probe, f->owner == 0);
	close_mark(w, f->probe + 1, f->owner == 1);
}

static void put_firm(struct world *w, struct firm *f)
{
	struct jt_table_role role = w->weak;

	role.org = f->org.id;
	f->org.owner = f->user[f->owner].id;
	MUST(jt_table_put_org(w->table, &f->org));
	MUST(jt_table_put_role(w->table, &role));
	for (unsigned i = 0; i < 2; i++) {
		MUST(jt_table_put_user(w->table, &f->user[i]));
		MUST(jt_table_put_token(w->table, &f->token[i]));
	}
}

static void change_firm(struct world *w)
{
	struct firm *f = &w->firm[pick(w, OWNERS)];

	open_marks(w, f->probe, 2);
	f->owner ^= 1;
	f->org.owner = f->user[f->owner].id;
	MUST(jt_table_put_org(w->table, &f->org));
	show(w);
	world_firm_marks(w, f);
}

/* ---- all of it */

void world_note_file(struct world *w)
{
	const struct jt_view *v = jt_table_view(w->table);
	struct jt_view *old = atomic_load(&w->table->retired);

	if (v->instance == w->instance)
		return;
	/* What readers keep of one file is not taken for the next one's. */
	if (w->instance != 0 && (uint32_t)v->instance != (uint32_t)w->instance + 2) {
		fprintf(stderr, "zero_window: a file does not count on from the one before\n");
		exit(2);
	}
	w->instance = v->instance;
	w->files++;
	if (w->sabotage == SABOTAGE_RETIRE && old)
		atomic_store(&old->live->state, JT_TABLE_LIVES);
}

void world_change(struct world *w)
{
	unsigned what = pick(w, 100);

	if (what < 45)
		change_token(w);
	else if (what < 67)
		change_staff(w);
	else if (what < 88)
		change_crew(w);
	else if (what < 94)
		change_branch(w);
	else
		change_firm(w);
	world_note_file(w);
	if (w->sabotage == SABOTAGE_POISON && pick(w, 100) == 0) {
		jt_table_poison(w->table);
		let_read(w);
		world_rebuild(w);
	}
}

static void put_all(struct world *w)
{
	MUST(jt_table_put_org(w->table, &w->org));
	MUST(jt_table_put_role(w->table, &w->strong));
	MUST(jt_table_put_role(w->table, &w->weak));
	MUST(jt_table_put_role(w->table, &w->confined));
	MUST(jt_table_put_team(w->table, &w->org.id, &w->elsewhere));
	for (unsigned i = 0; i < STAFF; i++)
		put_staff(w, &w->staff[i]);
	for (unsigned i = 0; i < TEAMS; i++)
		put_crew(w, &w->crew[i]);
	for (unsigned i = 0; i < ORGS; i++)
		put_branch(w, &w->branch[i]);
	for (unsigned i = 0; i < OWNERS; i++)
		put_firm(w, &w->firm[i]);
	for (unsigned i = 0; i < SLOTS; i++) {
		if (w->slot[i].there)
			MUST(jt_table_put_token(w->table, &w->slot[i].token));
	}
	for (unsigned i = 0; i < STEADY; i++)
		MUST(jt_table_put_token(w->table, &w->steady[i]));
}

void world_rebuild(struct world *w)
{
	const struct jt_table_sizes none = {0};
	int64_t taken = jt_clock_mono_ns();

	MUST(jt_table_rebuild(w->table, w->policy, &none));
	put_all(w);
	w->seq++;
	MUST(jt_table_publish(w->table, w->seq, w->seq * 7));
	jt_table_renew(w->table, taken);
	atomic_store_explicit(&w->log->shown, w->seq, memory_order_release);
	world_note_file(w);
}

void world_renew(struct world *w)
{
	jt_table_renew(w->table, jt_clock_mono_ns());
}

unsigned world_files(const struct world *w)
{
	return w->files;
}
