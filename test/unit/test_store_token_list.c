/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/secret.h"
#include "base/text.h"
#include "store/org.h"
#include "store/role.h"
#include "store/team.h"
#include "store/token_list.h"
#include "store/usage.h"

#include "db_fixture.h"

#include <string.h>

/* The lists of tokens against a list that is sorted here, whatever each answer may cost. */

#define TOKENS 2500
#define TEAMS 6
#define ROLES 5
#define MAKERS 5
#define NOW_S 1700000000LL
#define DAY_S 86400LL
#define ROUNDS 600

SQL(usage_lost, "SELECT count(*) FROM token_usage WHERE listed = 0");

struct kept {
	struct jt_token_row row;
	char fold[JT_LABEL_SIZE];
	unsigned teams; /* a bit each */
};

static struct {
	struct jt_id org;
	struct jt_id team[TEAMS], role[ROLES], user[MAKERS], maker[MAKERS];
	struct kept kept[TOKENS]; /* those that are listed */
	size_t count;
	uint64_t random;
} w;

static size_t below(size_t n)
{
	w.random = w.random * 6364136223846793005ULL + 1442695040888963407ULL;
	return (size_t)((w.random >> 33) % n);
}

static size_t skewed(size_t n)
{
	return below(below(n) + 1);
}

static void make_world(struct jt_db *db)
{
	struct jt_org_row org = {.id = jt_id_new(1), .name = "Test", .slug = "test", .active = true, .created_ns = 1};

	w.org = org.id;
	org.owner = jt_id_new(1);
	assert_int_equal(jt_org_insert(db, &org), JT_OK);
	for (size_t i = 0; i < TEAMS; i++) {
		struct jt_team_row team = {.org = w.org, .id = jt_id_new(1)};

		(void)snprintf(team.name, sizeof(team.name), "t%zu", i);
		(void)snprintf(team.name_fold, sizeof(team.name_fold), "t%zu", i);
		assert_int_equal(jt_team_insert(db, &team), JT_OK);
		w.team[i] = team.id;
	}
	for (size_t i = 0; i < ROLES; i++)
		w.role[i] = jt_id_new(1);
	for (size_t i = 0; i < MAKERS; i++) {
		w.user[i] = jt_id_new(1);
		w.maker[i] = jt_id_new(1);
	}
}

static void fill_row(struct jt_token_row *row, size_t i)
{
	static const enum jt_kind kinds[] = {JT_KIND_CI, JT_KIND_GITHUB, JT_KIND_JIRA, JT_KIND_CUSTOM};
	static const char *const words[] = {"Deploy", "nightly", "CI", "Über", "scan", "z"};

	*row = (struct jt_token_row){.org = w.org, .role = w.role[skewed(ROLES)], .kind = kinds[skewed(4)]};
	row->created_ns = (NOW_S - (int64_t)below(900)) * JT_NS_PER_S; /* many at once */
	row->id = jt_id_new(row->created_ns);
	if (i % 3 == 0)
		row->created_by_token = w.maker[skewed(MAKERS)];
	else
		row->created_by = w.user[skewed(MAKERS)];
	(void)snprintf(row->label, sizeof(row->label), "%s-%zu", words[below(6)], below(TOKENS / 5));
	(void)snprintf(row->token_type, sizeof(row->token_type), "%s", below(9) ? "access" : "integration");
	if (below(3))
		row->expires_s = NOW_S + ((int64_t)below(100) - 40) * DAY_S + (int64_t)below(3);
	row->limited = below(2) != 0;
}

static void make_token(struct jt_db *db, size_t i)
{
	struct kept *k = &w.kept[w.count];
	struct jt_usage_row use = {.org = w.org, .uses = 1, .last_used_s = (NOW_S - (int64_t)below(50) * 60) / 60 * 60};

	*k = (struct kept){.teams = 0};
	fill_row(&k->row, i);
	assert_int_equal(jt_text_fold(k->row.label, k->fold, sizeof(k->fold)), JT_OK);
	assert_int_equal(jt_token_insert(db, &k->row), JT_OK);
	for (size_t t = 0; k->row.limited && t < TEAMS; t++) {
		if (below(t + 2) != 0)
			continue;
		assert_int_equal(jt_token_add_team(db, &w.org, &k->row.id, &w.team[t]), JT_OK);
		k->teams |= 1U << t;
	}
	use.token = k->row.id;
	if (below(4) != 0) {
		assert_int_equal(jt_usage_add(db, &use, NOW_S / 86400), JT_OK);
		k->row.last_used_s = use.last_used_s;
	}
	if (below(8) == 0)
		assert_int_equal(jt_token_mark_revoked(db, &w.org, &k->row.id, 1), JT_OK);
	else
		w.count++;
}

static int fill(void **state)
{
	struct fixture *f = NULL;

	if (set_up(state) != 0)
		return -1;
	f = *state;
	w.random = 7;
	w.count = 0;
	assert_int_equal(jt_db_begin_write(f->db), JT_OK);
	make_world(f->db);
	for (size_t i = 0; i < TOKENS; i++)
		make_token(f->db, i);
	assert_int_equal(jt_db_commit(f->db), JT_OK);
	return 0;
}

/* ---- what is right */

static bool is_in_team(const struct kept *k, const struct jt_id *team)
{
	for (size_t t = 0; t < TEAMS; t++) {
		if (jt_id_equal(&w.team[t], team))
			return (k->teams & (1U << t)) != 0;
	}
	return false;
}

static bool state_fits(const struct kept *k, const struct jt_token_filter *f)
{
	const int64_t end = k->row.expires_s ? k->row.expires_s : INT64_MAX;
	const bool live = end > NOW_S;

	switch (f->state) {
	case JT_TOKENS_LIVE:
		return live;
	case JT_TOKENS_EXPIRED:
		return !live;
	case JT_TOKENS_EXPIRING:
		return live && end <= NOW_S + JT_TOKENS_EXPIRE_SOON_S;
	case JT_TOKENS_UNUSED:
		return live && k->row.last_used_s == 0;
	case JT_TOKENS_LIVE_OR_EXPIRED:
		break;
	}
	return true;
}

static bool fits(const struct kept *k, const struct jt_token_filter *f)
{
	return state_fits(k, f) && (jt_id_is_none(&f->role) || jt_id_equal(&f->role, &k->row.role)) &&
	       (jt_id_is_none(&f->team) || is_in_team(k, &f->team)) &&
	       (!f->type || strcmp(f->type, k->row.token_type) == 0) &&
	       (!f->kind || strcmp(f->kind, jt_kind_name(k->row.kind)) == 0) &&
	       (!f->search || strstr(k->fold, f->search)) &&
	       (jt_id_is_none(&f->one) || jt_id_equal(&f->one, &k->row.id)) &&
	       (f->of != JT_TOKENS_OF_USER || jt_id_equal(&f->by, &k->row.created_by)) &&
	       (f->of != JT_TOKENS_OF_TOKEN || jt_id_equal(&f->by, &k->row.created_by_token));
}

static enum jt_token_sort sorted_by;

static int64_t number_of(const struct kept *k)
{
	if (sorted_by == JT_TOKENS_BY_EXPIRES)
		return k->row.expires_s ? k->row.expires_s : INT64_MAX;
	return sorted_by == JT_TOKENS_BY_CREATED ? k->row.created_ns : k->row.last_used_s;
}

static int in_order(const void *a, const void *b)
{
	const struct kept *x = *(const struct kept *const *)a, *y = *(const struct kept *const *)b;
	int side = 0;

	if (sorted_by == JT_TOKENS_BY_LABEL)
		side = strcmp(x->fold, y->fold);
	else
		side = (number_of(x) > number_of(y)) - (number_of(x) < number_of(y));
	return side != 0 ? side : memcmp(x->row.id.b, y->row.id.b, JT_ID_SIZE);
}

static size_t right(const struct jt_token_filter *f, const struct jt_token_wish *wish, const struct kept *out[TOKENS])
{
	size_t n = 0;

	for (size_t i = 0; i < w.count; i++) {
		if (fits(&w.kept[i], f))
			out[n++] = &w.kept[i];
	}
	sorted_by = wish->order;
	if (n > 0)
		qsort(out, n, sizeof(*out), in_order);
	for (size_t i = 0; wish->descending && i < n / 2; i++) {
		const struct kept *other = out[i];

		out[i] = out[n - 1 - i];
		out[n - 1 - i] = other;
	}
	return n;
}

/* ---- what it costs, as the database sees it */

static int64_t queries, rows_read;

enum jt_result __real_jt_db_query(
	struct jt_db *db, const struct jt_sql *sql, const struct jt_val *vals, size_t count, struct jt_rows **out);
enum jt_result __wrap_jt_db_query(
	struct jt_db *db, const struct jt_sql *sql, const struct jt_val *vals, size_t count, struct jt_rows **out);
enum jt_result __real_jt_rows_next(struct jt_rows *r);
enum jt_result __wrap_jt_rows_next(struct jt_rows *r);

enum jt_result __wrap_jt_db_query(
	struct jt_db *db, const struct jt_sql *sql, const struct jt_val *vals, size_t count, struct jt_rows **out)
{
	queries++;
	return __real_jt_db_query(db, sql, vals, count, out);
}

enum jt_result __wrap_jt_rows_next(struct jt_rows *r)
{
	rows_read++;
	return __real_jt_rows_next(r);
}

/* Of one answer: at most this many indexes are walked, each in at most two parts. */
#define WALKS 16

static void list(struct jt_db *db, const struct jt_token_filter *f, const struct jt_token_wish *wish,
	struct jt_token_found *found)
{
	queries = rows_read = 0;
	assert_int_equal(jt_token_list(db, &w.org, f, wish, found), JT_OK);
	assert_true(found->count <= wish->limit);
	assert_true(rows_read <= found->work + WALKS);
	assert_true((queries - WALKS) * JT_TOKEN_LOOK <= found->work);
	if (wish->work < INT64_MAX)
		assert_true(found->work <= wish->work + 4 * JT_TOKEN_LOOK);
	else
		assert_true(!found->more || found->count == wish->keep);
}

/* ---- what is asked */

static void choose(struct jt_token_filter *f, struct jt_token_wish *wish)
{
	static const char *const searches[] = {"deploy", "7", "i-3", "zz", "-"};
	static const int64_t works[] = {60, 400, 3000, JT_TOKEN_WORK_MAX, INT64_MAX};

	*f = (struct jt_token_filter){.now_s = NOW_S, .state = (unsigned)below(5)};
	if (below(3) == 0)
		f->role = w.role[below(ROLES)];
	if (below(3) == 0)
		f->team = w.team[below(TEAMS)];
	if (below(4) == 0)
		f->kind = below(2) ? "custom" : "ci";
	if (below(5) == 0)
		f->type = below(2) ? "access" : "integration";
	if (below(3) == 0)
		f->search = searches[below(5)];
	if (below(3) == 0) {
		f->of = below(2) ? JT_TOKENS_OF_USER : JT_TOKENS_OF_TOKEN;
		f->by = f->of == JT_TOKENS_OF_USER ? w.user[below(MAKERS)] : w.maker[below(MAKERS)];
	}
	*wish = (struct jt_token_wish){
		.order = (enum jt_token_sort)below(4), .descending = below(2) != 0, .limit = 1 + below(40)};
	wish->keep = wish->limit;
	wish->skip = below(3) == 0 ? below(60) : 0;
	wish->work = works[below(5)];
}

/* Follows a list to its end. */
static size_t follow(
	struct jt_db *db, const struct jt_token_filter *f, const struct jt_token_wish *first, struct jt_id *out)
{
	struct jt_token_wish wish = *first;
	struct jt_token_found found;
	size_t n = 0;

	for (size_t answers = 0;; answers++) {
		assert_true(answers < 4 * TOKENS);
		list(db, f, &wish, &found);
		for (size_t i = 0; i < found.count; i++) {
			assert_true(n < TOKENS);
			out[n++] = found.id[i];
		}
		free(found.id);
		if (!found.more)
			return n;
		wish.continued = true;
		wish.after = found.next;
		wish.skip = found.skip;
	}
}

static void every_list_is_right(void **state)
{
	/* Goal: whatever is asked for, in whatever order, however little an answer may cost: following it to the end shows exactly
	 * those that fit, each once, in order; no answer costs more than it may. */
	static const struct kept *wanted[TOKENS];
	static struct jt_id got[TOKENS];
	struct fixture *t = *state;
	struct jt_token_filter f;
	struct jt_token_wish wish;
	size_t empty = 0;

	for (size_t round = 0; round < ROUNDS; round++) {
		size_t n = 0, skip = 0;

		choose(&f, &wish);
		n = right(&f, &wish, wanted);
		skip = wish.skip < n ? wish.skip : n;
		assert_int_equal(follow(t->db, &f, &wish, got), n - skip);
		for (size_t i = 0; i < n - skip; i++)
			assert_memory_equal(got[i].b, wanted[skip + i]->row.id.b, JT_ID_SIZE);
		empty += n == skip;
	}
	assert_true(empty < ROUNDS / 2);
}

static void one_token_is_found_by_its_id(void **state)
{
	/* Goal: an id finds its token if that fits the rest of the filter, and costs next to nothing. */
	struct fixture *t = *state;
	struct jt_token_filter f = {.now_s = NOW_S, .state = JT_TOKENS_LIVE_OR_EXPIRED};
	const struct jt_token_wish wish = {.limit = 10, .keep = 10, .work = JT_TOKEN_WORK_MAX};
	struct jt_token_found found;

	for (size_t i = 0; i < 50; i++) {
		const struct kept *k = &w.kept[i];

		f.one = k->row.id;
		f.role = w.role[i % ROLES];
		list(t->db, &f, &wish, &found);
		assert_int_equal(found.count, fits(k, &f) ? 1 : 0);
		assert_true(!found.more && found.work <= 1 + JT_TOKEN_LOOK);
		free(found.id);
	}
}

static void a_list_that_comes_whole(void **state)
{
	/* Goal: a list that is longer than it may come whole shows its first `keep`, and goes on behind them. */
	static struct jt_id got[TOKENS], whole[TOKENS];
	struct fixture *t = *state;
	const struct jt_token_filter f = {.now_s = NOW_S, .state = JT_TOKENS_LIVE_OR_EXPIRED};
	struct jt_token_wish wish = {.limit = TOKENS, .keep = 100, .work = INT64_MAX};
	struct jt_token_found found;
	size_t n = follow(t->db, &f, &wish, whole);

	assert_int_equal(n, w.count);
	wish.limit = n - 1;
	list(t->db, &f, &wish, &found);
	assert_true(found.more && found.count == 100);
	memcpy(got, found.id, 100 * sizeof(*got));
	free(found.id);
	wish = (struct jt_token_wish){
		.continued = true, .after = found.next, .limit = 70, .keep = 70, .work = INT64_MAX};
	assert_int_equal(follow(t->db, &f, &wish, got + 100), n - 100);
	assert_memory_equal(got, whole, n * sizeof(*got));
}

static void what_is_listed_is_in_both_tables(void **state)
{
	/* Goal: the use of a token that was revoked is known still, and in no list's way. */
	struct fixture *t = *state;
	int64_t lost = 0;

	assert_int_equal(jt_db_int(t->db, &usage_lost, JT_NO_BIND, &lost), JT_OK);
	assert_int_equal(lost, TOKENS - w.count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_list_is_right),
		cmocka_unit_test(one_token_is_found_by_its_id),
		cmocka_unit_test(a_list_that_comes_whole),
		cmocka_unit_test(what_is_listed_is_in_both_tables),
	};

	if (jt_secret_start() != JT_OK)
		return 1;
	return cmocka_run_group_tests_name("store_token_list", tests, fill, tear_down);
}
