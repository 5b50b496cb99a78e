/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: whichever allocation fails while a token is issued or verified, the answer is "out of memory", nothing is left behind,
 * and the next attempt works. */
#include "alloc.h"
#include "authority/node.h"
#include "authority/token.h"
#include "base/clock.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct world {
	char directory[64];
	struct jt_authority *au;
	struct jt_made_org made;
	struct jt_actor owner;
};

static int set_up(void **state)
{
	const struct jt_new_org order = {.name = "Test", .owner_email = "o@example.com"};
	struct world *w = calloc(1, sizeof(*w));
	struct jt_authority_options options = {.as = JT_OPEN_OPERATOR};
	struct jt_why why = {0};

	*state = w;
	json_set_alloc_funcs(alloc_malloc, alloc_free);
	if (!w || jt_secret_start() != JT_OK)
		return -1;
	(void)snprintf(w->directory, sizeof(w->directory), "/tmp/jeton-alloc-XXXXXX");
	if (!mkdtemp(w->directory))
		return -1;
	options.data = w->directory;
	if (jt_authority_init(w->directory, NULL, &order, &w->made, &why) != JT_OK ||
		jt_authority_open(&options, &w->au, &why) != JT_OK)
		return -1;
	w->owner.how = JT_ACTOR_TOKEN;
	return jt_verify_token(jt_authority_verify(w->au), w->made.token, strlen(w->made.token), &w->owner.caller) ==
			       JT_STEP_ALLOWED
		       ? 0
		       : -1;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	char command[128];

	jt_authority_close(w->au);
	(void)snprintf(command, sizeof(command), "rm -r '%s'", w->directory);
	if (system(command) != 0)
		return -1;
	free(w);
	return 0;
}

/* Issues a CI token in a transaction that is then undone. */
static enum jt_result issue(void *arg)
{
	struct world *w = arg;
	const struct jt_token_order order = {
		.label = "x", .role = "66ad5168-41be-4b6c-9ac5-a30b02229c35", .valid_for_s = 60};
	struct jt_token_shown shown;
	struct jt_tx tx = {.au = w->au, .db = w->au->db, .verify = w->au->verify, .writing = true};
	struct jt_head was;
	struct jt_why why = {0};
	enum jt_result r = jt_db_begin_write(tx.db);

	tx.now_ns = jt_clock_ns();
	tx.policy = jt_verify_policy(tx.verify);
	if (r == JT_OK)
		r = jt_head_read(tx.db, &was);
	if (r == JT_OK)
		r = jt_head_take(tx.db, &was, 7, &tx.head);
	if (r == JT_OK)
		r = jt_token_issue(&tx, &w->owner, &order, &shown, &why);
	if (r == JT_OK)
		assert_int_equal(strncmp(shown.value, "jtnc_", 5), 0);
	jt_verify_policy_done(tx.verify);
	jt_db_rollback(tx.db);
	return r;
}

static void test_issue(void **state)
{
	/* Once before, so that the statements are prepared: they are kept. */
	assert_int_equal(issue(*state), JT_OK);
	assert_true(alloc_fail_each(issue, *state) > 5);
}

static enum jt_result verify(void *arg)
{
	struct world *w = arg;
	const struct jt_place org = {.kind = JT_PLACE_ORG};
	struct jt_verify *v = jt_authority_verify(w->au);
	struct jt_caller caller;
	struct jt_grant grant;
	struct jt_id *teams = NULL;
	size_t count = 0;
	enum jt_result r;

	assert_int_equal(jt_verify_token(v, w->made.token, strlen(w->made.token), &caller), JT_STEP_ALLOWED);
	jt_verify_grant(v, &caller, &org, &grant);
	assert_true(grant.visible);
	r = jt_verify_teams(v, &caller, &teams, &count);
	free(teams);
	return r;
}

static void test_verify(void **state)
{
	/* Deciding needs no memory at all. */
	assert_int_equal(alloc_fail_each(verify, *state), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_issue), cmocka_unit_test(test_verify)};

	return cmocka_run_group_tests_name("authority_alloc", tests, set_up, tear_down);
}
