/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "table/find.h"

#include <stdio.h>
#include <string.h>

/* Goal: room is there for what was promised it. Tokens that all are in overlap, which have two values, fit when a table grows
 * and when it is made; what was reserved is put without another file. */

#define MANY 4000

static struct jt_id org = {{1}}, owner = {{2}};
static const struct jt_table_options options = {.store = {{7}}, .brand = "jtn", .bound_s = 60};

static struct jt_table_token token(unsigned n, unsigned values)
{
	struct jt_table_token k = {.org = org, .kind = JT_KIND_CI, .values = values};

	memcpy(k.id.b, &n, sizeof(n));
	k.id.b[15] = 1;
	k.role = jt_policy_token_role(world_policy(), JT_KIND_CI)->id;
	for (unsigned i = 0; i < values; i++) {
		unsigned of[2] = {n, i};

		jt_token_digest((const char *)of, sizeof(of), k.digest[i]);
	}
	return k;
}

static struct jt_table *start(const struct jt_table_sizes *sizes)
{
	const struct jt_table_org o = {.id = org, .owner = owner, .active = true};
	struct jt_table *t = NULL;
	struct jt_why why = {0};

	MUST(jt_table_new(&options, &t, &why) == JT_OK);
	MUST(jt_table_rebuild(t, world_policy(), sizes) == JT_OK);
	MUST(jt_table_put_org(t, &o) == JT_OK);
	return t;
}

static void put_tokens(struct jt_table *t, unsigned from, unsigned count, unsigned values)
{
	for (unsigned i = from; i < from + count; i++) {
		struct jt_table_token k = token(i, values);

		MUST(jt_table_put_token(t, &k) == JT_OK);
	}
}

static void all_are_there(const struct jt_table *t, unsigned count, unsigned values)
{
	uint64_t word = 0;

	for (unsigned i = 0; i < count; i++) {
		struct jt_table_token k = token(i, values);

		for (unsigned n = 0; n < values; n++)
			MUST(jt_find_value(jt_table_view(t), k.digest[n], &word) &&
				jt_word_state(word) == JT_VALUE_LIVES);
	}
	MUST(jt_table_tokens(t) == count);
}

static void overlap_grows(void)
{
	const struct jt_table_sizes none = {0};
	struct jt_table *t = start(&none);

	MUST(jt_table_publish(t, 1, 1) == JT_OK);
	put_tokens(t, 0, MANY, 1);
	put_tokens(t, 0, MANY, 2);
	put_tokens(t, MANY, MANY, 2);
	all_are_there(t, 2 * MANY, 2);
	jt_table_free(t);
}

static void overlap_is_built(void)
{
	const struct jt_table_sizes sizes = {.tokens = MANY, .overlaps = MANY};
	struct jt_table *t = start(&sizes);

	put_tokens(t, 0, MANY, 2);
	MUST(jt_table_publish(t, 1, 1) == JT_OK);
	all_are_there(t, MANY, 2);
	jt_table_free(t);
}

static void reserved_is_there(void)
{
	const struct jt_table_sizes none = {0};
	struct jt_table *t = start(&none);
	unsigned grown = 0;

	MUST(jt_table_publish(t, 1, 1) == JT_OK);
	for (unsigned round = 0; round < 60; round++) {
		const struct jt_table_sizes more = {.tokens = 1 + round * 7 % 200, .users = 3};
		uint64_t instance = jt_table_view(t)->instance;

		MUST(jt_table_reserve(t, &more) == JT_OK && jt_table_holds(t, &more));
		grown += instance != jt_table_view(t)->instance;
		instance = jt_table_view(t)->instance;
		put_tokens(t, round * 1000, (unsigned)more.tokens, 2);
		for (unsigned i = 0; i < 3; i++) {
			struct jt_table_user u = {.org = org, .id = {{3, (uint8_t)round, (uint8_t)i}}, .active = true};

			MUST(jt_table_put_user(t, &u) == JT_OK);
		}
		MUST(instance == jt_table_view(t)->instance);
	}
	MUST(grown > 1);
	jt_table_free(t);
}

/* Counted once, however often it comes and goes. */
static void count_is_kept(void)
{
	const struct jt_table_sizes none = {0};
	struct jt_table *t = start(&none);
	struct jt_table_token k = token(1, 1);

	MUST(jt_table_publish(t, 1, 1) == JT_OK);
	for (unsigned i = 0; i < 3; i++) {
		MUST(jt_table_put_token(t, &k) == JT_OK && jt_table_put_token(t, &k) == JT_OK &&
			jt_table_tokens(t) == 1);
		jt_table_drop_token(t, &org, &k.id);
		jt_table_drop_token(t, &org, &k.id);
		MUST(jt_table_tokens(t) == 0);
	}
	jt_table_free(t);
}

static uint32_t lists(const struct jt_table *t)
{
	return atomic_load(&jt_table_view(t)->live->used[JT_SECTION_LIST]);
}

static void tell_token(struct jt_table *t, struct jt_table_token *k)
{
	const struct jt_table_row row = {.noun = JT_TABLE_TOKEN, .token = k};
	const struct jt_table_sizes none = {0};
	struct jt_table_sizes needs = jt_view_needs(jt_table_view(t), &row, 1);

	MUST(memcmp(&needs, &none, sizeof(none)) == 0);
	MUST(jt_table_tell(t, &row, 1) == JT_OK);
}

/* Teams go, and tokens with them lose them: no list is written anew for what counts for nothing already. */
static void lost_teams_take_no_room(void)
{
	const struct jt_table_sizes none = {0};
	struct jt_table *t = start(&none);
	struct jt_table_token k = token(1, 1);
	struct jt_table_token is;
	uint32_t used = 0;

	MUST(jt_table_publish(t, 1, 1) == JT_OK);
	k.limited = true;
	for (k.teams = 0; k.teams < 40; k.teams++) {
		k.team[k.teams] = (struct jt_id){{4, (uint8_t)k.teams}};
		MUST(jt_table_put_team(t, &org, &k.team[k.teams]) == JT_OK);
	}
	MUST(jt_table_put_token(t, &k) == JT_OK);
	used = lists(t);
	jt_table_drop_team(t, &org, &k.team[39]);
	jt_table_drop_team(t, &org, &k.team[0]);
	memmove(&k.team[0], &k.team[1], 38 * sizeof(k.team[0]));
	k.teams = 38;
	tell_token(t, &k);
	MUST(lists(t) == used && jt_view_token(jt_table_view(t), &org, &k.id, &is) && is.values == 1 && is.teams == 40);
	k.revoked = true;
	k.teams = 0;
	tell_token(t, &k);
	MUST(lists(t) == used && jt_view_token(jt_table_view(t), &org, &k.id, &is) && is.values == 0);
	jt_table_free(t);
}

int main(void)
{
	jt_log_setup(JT_LOG_ERROR, JT_LOG_LOGFMT);
	MUST(jt_secret_start() == JT_OK);
	world_start();
	(void)printf("1..5\n");
	overlap_grows();
	(void)printf("ok 1 - a table of tokens in overlap grows\n");
	overlap_is_built();
	(void)printf("ok 2 - and is built\n");
	reserved_is_there();
	(void)printf("ok 3 - what was reserved is put without another file\n");
	count_is_kept();
	(void)printf("ok 4 - a token that comes and goes is counted once\n");
	lost_teams_take_no_room();
	(void)printf("ok 5 - a token whose teams are gone takes no room when it changes\n");
	world_end();
	return 0;
}
