/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "table/inside.h"

#include "base/clock.h"
#include "base/secret.h"
#include "catalogue/catalogue.h"
#include "jeton.h"
#include "verify/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOUR_S 3600LL
#define DAY_S (24 * HOUR_S)
#define YEAR_S (365 * DAY_S)

/* A table in a directory of its own, and a reader that knows only the file. */
static struct world {
	char dir[32], path[64];
	struct jt_table *table;
	struct jt_policy *policy;
	struct jt_verify *verify;
	struct jt_id store;
	struct jt_table_org org;
	struct jeton *reader;
	int64_t shifted_ns;
} w;

struct value {
	struct jt_table_token token;
	char text[JT_TOKEN_SIZE];
};

static struct jt_id fresh(void)
{
	return jt_id_new(jt_clock_ns());
}

static void shift(int64_t seconds)
{
	jt_clock_shift(seconds * JT_NS_PER_S);
	w.shifted_ns += seconds * JT_NS_PER_S;
}

/* What a reader heard of the writer holds for a tick of the coarse clock. */
static void next_tick(void)
{
	struct timespec was, now;

	assert_int_equal(clock_gettime(CLOCK_MONOTONIC_COARSE, &was), 0);
	do {
		assert_int_equal(clock_gettime(CLOCK_MONOTONIC_COARSE, &now), 0);
	} while (now.tv_sec == was.tv_sec && now.tv_nsec == was.tv_nsec);
}

static void renew(void)
{
	jt_table_renew(w.table, jt_clock_mono_ns());
	next_tick();
}

static void open_table(void)
{
	const struct jt_table_options options = {
		.dir = w.dir, .store = w.store, .brand = JT_BRAND_DEFAULT, .bound_s = JT_TABLE_BOUND_MIN_S};

	assert_int_equal(jt_table_new(&options, &w.table, NULL), JT_OK);
	assert_int_equal(jt_verify_new(w.table, w.policy, JT_BRAND_DEFAULT, &w.verify), JT_OK);
}

static void close_table(void)
{
	jt_verify_free(w.verify);
	jt_table_free(w.table);
}

static void put(const struct value *k, size_t count)
{
	assert_int_equal(jt_table_put_org(w.table, &w.org), JT_OK);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(jt_table_put_token(w.table, &k[i].token), JT_OK);
}

static void build(const struct value *k, size_t count)
{
	const struct jt_table_sizes none = {0};

	assert_int_equal(jt_table_rebuild(w.table, w.policy, &none), JT_OK);
	put(k, count);
}

static void rebuild(const struct value *k, size_t count)
{
	build(k, count);
	assert_int_equal(jt_table_publish(w.table, jt_table_watermark(w.table) + 1, 1), JT_OK);
}

static void grow(void)
{
	const struct jt_table_sizes more = {.tokens = 5000};
	const struct jt_view *before = jt_table_view(w.table);

	assert_int_equal(jt_table_reserve(w.table, &more), JT_OK);
	assert_ptr_not_equal(jt_table_view(w.table), before);
}

static struct value make(int64_t expires_s)
{
	struct value k = {.token = {.org = w.org.id, .kind = JT_KIND_CI, .values = 1, .expires_s = expires_s}};

	k.token.id = fresh();
	k.token.role = jt_policy_token_role(w.policy, JT_KIND_CI)->id;
	jt_token_mint(JT_BRAND_DEFAULT, JT_KIND_CI, k.text);
	jt_token_digest(k.text, strlen(k.text), k.token.digest[0]);
	return k;
}

static enum jeton_result ask(const struct value *k)
{
	return jeton_verify(w.reader, k->text, strlen(k->text), NULL, NULL);
}

/* The reader, and the authority in its own process, agree. */
static bool lives(const struct value *k)
{
	struct jeton_answer answer;
	struct jt_caller who;
	enum jeton_result r = jeton_verify(w.reader, k->text, strlen(k->text), NULL, &answer);
	enum jt_step step = jt_verify_token(w.verify, k->text, strlen(k->text), &who);

	assert_true(r == JETON_ALLOWED || r == JETON_INVALID);
	assert_int_equal(r == JETON_ALLOWED, step == JT_STEP_ALLOWED);
	if (r == JETON_INVALID) {
		assert_string_equal(answer.reason, "expired");
		assert_int_equal(step, JT_STEP_EXPIRED);
	}
	return r == JETON_ALLOWED;
}

static int set_up(void **state)
{
	struct jt_catalogue_error error;

	(void)state;
	memset(&w, 0, sizeof(w));
	(void)snprintf(w.dir, sizeof(w.dir), "%s", "/dev/shm/jeton-clock-XXXXXX");
	if (!mkdtemp(w.dir) || jt_catalogue_default(&w.policy, &error) != JT_OK)
		return -1;
	(void)snprintf(w.path, sizeof(w.path), "%s/" JT_TABLE_FILE, w.dir);
	w.store = fresh();
	w.org = (struct jt_table_org){.id = fresh(), .owner = fresh(), .active = true};
	open_table();
	rebuild(NULL, 0);
	renew();
	return jeton_open(w.path, &w.reader) == JETON_ALLOWED ? 0 : -1;
}

static int tear_down(void **state)
{
	char lock[64];

	(void)state;
	jt_clock_shift(-w.shifted_ns);
	jeton_close(w.reader);
	close_table();
	jt_catalogue_free(w.policy);
	(void)snprintf(lock, sizeof(lock), "%s/lock", w.dir);
	(void)unlink(lock);
	(void)unlink(w.path);
	return rmdir(w.dir);
}

static void a_successor_has_the_lease(void **state)
{
	/* Goal: a table that was rebuilt answers from the moment in which it takes the other's place; what was refused before,
	 * because the lease had run out, is refused until it is renewed. */
	struct value k = make(0);

	(void)state;
	rebuild(&k, 1);
	assert_true(lives(&k));
	rebuild(&k, 1);
	assert_true(lives(&k));
	jt_table_renew(w.table, jt_clock_mono_ns() - (JT_TABLE_BOUND_MIN_S + 1) * JT_NS_PER_S);
	rebuild(&k, 1);
	assert_int_equal(ask(&k), JETON_UNAVAILABLE);
	renew();
	assert_true(lives(&k));
}

static void the_lease_ends_by_the_clock_that_never_steps(void **state)
{
	/* Goal: a reader that asks without a pause is refused before the bound is over, in the tick that it falls into, and not
	 * long before; whatever was found good last is not believed for longer. */
	const int64_t until = jt_clock_mono_ns() + JT_NS_PER_S / 4;
	struct value k = make(0);
	int64_t now = 0;

	(void)state;
	put(&k, 1);
	jt_table_renew(w.table, until - JT_TABLE_BOUND_MIN_S * JT_NS_PER_S);
	do {
		now = jt_clock_mono_ns();
	} while (ask(&k) == JETON_ALLOWED);
	assert_true(now < until);
	assert_true(jt_clock_mono_ns() > until - JT_NS_PER_S / 10);
	assert_int_equal(ask(&k), JETON_UNAVAILABLE);
	assert_true(jt_table_poisoned(w.table));
	renew();
	assert_true(lives(&k));
}

/* Whatever happens to the table from here on, `old` is dead, and `young` lives. */
static void nothing_revives(struct value *all)
{
	struct value *old = &all[0], *young = &all[1];

	assert_false(lives(old));
	renew();
	assert_false(lives(old));
	assert_true(lives(young));
	put(all, 2); /* as after a change of its label */
	assert_false(lives(old));
	grow();
	assert_false(lives(old));
	rebuild(all, 2);
	assert_false(lives(old));
	renew();
	assert_false(lives(old));
	assert_true(lives(young));
}

static void a_step_back_revives_nothing(void **state)
{
	/* Goal: what the writer saw expire stays dead when the clock goes back, by seconds or by years: at once, when the writer
	 * has noticed, when the token is put again, in a larger file, in a file rebuilt from the database. What had not expired, and
	 * what is new, lives by the new time. */
	static const int64_t back_s[] = {15, 3 * HOUR_S, DAY_S, DAY_S + HOUR_S, 29 * YEAR_S};
	struct value all[2], late;

	(void)state;
	for (size_t i = 0; i < sizeof(back_s) / sizeof(*back_s); i++) {
		all[0] = make(jt_clock_s() + 10);
		all[1] = make(jt_clock_s() + YEAR_S);
		put(all, 2);
		assert_true(lives(&all[0]));
		shift(12);
		renew();
		assert_false(lives(&all[0]));
		shift(-back_s[i]);
		nothing_revives(all);
		late = make(jt_clock_s() + 5);
		put(&late, 1);
		assert_true(lives(&late));
		shift(6);
		renew();
		assert_false(lives(&late));
		assert_true(lives(&all[1]));
	}
}

static void a_step_back_while_nobody_wrote(void **state)
{
	/* Goal: the same when the clock goes back while the server is away, and the next one goes on with the file; and when it
	 * goes back while a successor is being filled. */
	struct value all[2];

	(void)state;
	all[0] = make(jt_clock_s() + 10);
	all[1] = make(jt_clock_s() + YEAR_S);
	put(all, 2);
	shift(12);
	renew();
	assert_false(lives(&all[0]));
	close_table();
	shift(-HOUR_S);
	open_table();
	assert_non_null(jt_table_view(w.table));
	nothing_revives(all);

	all[0] = make(jt_clock_s() + 10);
	put(all, 1);
	shift(12);
	renew();
	build(all, 2);
	shift(-HOUR_S);
	renew();
	assert_int_equal(jt_table_publish(w.table, jt_table_watermark(w.table) + 1, 1), JT_OK);
	nothing_revives(all);
}

static void a_step_back_over_a_poisoned_file(void **state)
{
	/* Goal: what had expired stays dead if the file could not be kept, its server ended, and the next one begins with a file
	 * that is built from the database: whether the clock went back before the end, or after it. */
	struct value all[2];

	(void)state;
	for (unsigned early = 0; early < 2; early++) {
		all[0] = make(jt_clock_s() + 10);
		all[1] = make(jt_clock_s() + YEAR_S);
		put(all, 2);
		shift(12);
		renew();
		assert_false(lives(&all[0]));
		if (early) {
			shift(-HOUR_S);
			renew();
		}
		jt_table_poison(w.table);
		assert_int_equal(ask(&all[1]), JETON_UNAVAILABLE);
		close_table();
		if (!early)
			shift(-HOUR_S);
		open_table();
		assert_false(jt_table_stands(w.table));
		renew();
		assert_int_equal(ask(&all[1]), JETON_UNAVAILABLE);
		rebuild(all, 2);
		renew();
		nothing_revives(all);
	}
}

static void what_expires_while_it_burns(void **state)
{
	/* Goal: readers go by the old time until everything that had expired has been put to death, which takes a moment: what
	 * expires in that moment is dead, too. */
	struct value all[2];
	int64_t now = 0;

	(void)state;
	assert_true(jt_table_now(w.table, &now));
	all[0] = make(now + 2);
	all[1] = make(now + YEAR_S);
	put(all, 2);
	shift(-HOUR_S);
	renew();
	nothing_revives(all);
}

static void small_steps_back(void **state)
{
	/* Goal: a clock that goes back by less than a second is held until it has caught up; by that nothing lives again and
	 * nothing is put to death. */
	struct value k;
	int64_t was = 0, now = 0;

	(void)state;
	assert_true(jt_table_now(w.table, &was));
	k = make(was + YEAR_S);
	put(&k, 1);
	for (unsigned i = 0; i < 10; i++) {
		jt_clock_shift(-JT_NS_PER_S / 5);
		w.shifted_ns -= JT_NS_PER_S / 5;
		renew();
		assert_true(jt_table_now(w.table, &now));
		assert_true(now >= was || i >= 4); /* a second in all: then it is believed */
		assert_true(lives(&k));
	}
}

static void a_jump_forward(void **state)
{
	/* Goal: a jump of a day expires what it must for every reader, the authority among them, as soon as the writer has noticed,
	 * and not before: else what one of them refused would live again if the clock were put right. The lease is good throughout. */
	struct value hour, year;

	(void)state;
	hour = make(jt_clock_s() + HOUR_S);
	year = make(jt_clock_s() + YEAR_S);
	put(&hour, 1);
	put(&year, 1);
	assert_true(lives(&hour));
	shift(DAY_S);
	assert_true(lives(&hour)); /* for both */
	shift(-DAY_S);
	assert_true(lives(&hour));
	shift(DAY_S);
	assert_true(lives(&year));
	renew();
	assert_false(lives(&hour));
	assert_true(lives(&year));
	grow();
	assert_false(lives(&hour));
	assert_true(lives(&year));
}

static bool fits(const struct value *k, int64_t now_s)
{
	return lives(k) == (k->token.expires_s == 0 || k->token.expires_s > now_s);
}

static void edges(void **state)
{
	/* Goal: an expiry counts as what it is, from the first second there is to the last, however it is stored: beside the
	 * epoch, in 2038 and 2106, as far away as a token may be given. */
	static const int64_t now_at[] = {0, 5, INT32_MAX, UINT32_MAX, UINT32_MAX + 100 * YEAR_S};
	struct value k[40];
	size_t count = 0;

	(void)state;
	for (size_t n = 0; n < sizeof(now_at) / sizeof(*now_at); n++) {
		int64_t now = jt_clock_s();
		int64_t epoch = 0;

		if (now_at[n] > 0)
			shift(now_at[n] - now);
		renew();
		rebuild(NULL, 0);
		epoch = jt_table_view(w.table)->epoch_s;
		now = jt_clock_s();
		const int64_t edge[] = {0, 1, -1, INT64_MIN, INT64_MAX, epoch - 1, epoch, epoch + 1, epoch + 2, now - 1,
			now, now + 10, INT32_MAX, INT32_MAX + 1LL, UINT32_MAX - 1LL, UINT32_MAX, UINT32_MAX + 1LL,
			epoch + UINT32_MAX - 1, epoch + UINT32_MAX, epoch + UINT32_MAX + 1LL, now + 3153600000LL};

		count = sizeof(edge) / sizeof(*edge);
		for (size_t i = 0; i < count; i++)
			k[i] = make(edge[i]);
		put(k, count);
		for (size_t i = 0; i < count; i++)
			assert_true(fits(&k[i], now));
		grow();
		for (size_t i = 0; i < count; i++)
			assert_true(fits(&k[i], now));
		rebuild(k, count);
		for (size_t i = 0; i < count; i++)
			assert_true(fits(&k[i], now));
	}
}

static void the_longest_life(void **state)
{
	/* Goal: a token of the longest life there is lives to its last second, across successors made on the way. */
	const int64_t longest = 3153600000LL;
	struct value k = make(jt_clock_s() + longest);

	(void)state;
	put(&k, 1);
	for (unsigned i = 0; i < 4; i++) {
		shift(longest / 4 - 5);
		renew();
		assert_true(lives(&k));
		grow();
		assert_true(lives(&k));
		rebuild(&k, 1);
		assert_true(lives(&k));
	}
	shift(21);
	renew();
	assert_false(lives(&k));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_successor_has_the_lease, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_lease_ends_by_the_clock_that_never_steps, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_step_back_revives_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_step_back_while_nobody_wrote, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_step_back_over_a_poisoned_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_expires_while_it_burns, set_up, tear_down),
		cmocka_unit_test_setup_teardown(small_steps_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_jump_forward, set_up, tear_down),
		cmocka_unit_test_setup_teardown(edges, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_longest_life, set_up, tear_down),
	};

	if (jt_secret_start() != JT_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
