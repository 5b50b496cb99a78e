/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/verify_quick.h"
#include "authority_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Which requests the short way answers: which it says what, test/api/test_verify.py asks over HTTP. */

static struct fixture w;
static char org[JT_ID_TEXT_SIZE];

/* With {} for the org's id. */
static bool goes(const char *query, const char *token)
{
	const char *at = strstr(query, "{}");
	char text[JT_QUICK_TARGET_MAX];
	struct jt_quick out;
	void *kept = NULL;
	static const struct jt_address nowhere;
	struct jt_quick_ask ask = {.from = &nowhere,
		.au = w.au,
		.query = text,
		.token = token,
		.token_size = strlen(token),
		.kept = &kept};
	bool first;

	if (at)
		(void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - query), query, org, at + 2);
	else
		(void)snprintf(text, sizeof(text), "%s", query);
	ask.query_size = strlen(text);
	out.parts = 0;
	first = jt_api_verify_quick(&ask, &out);
	out.parts = 0;
	assert_int_equal(jt_api_verify_quick(&ask, &out), first);
	free(kept);
	return first;
}

static void what_goes_the_short_way(void **state)
{
	/* Goal: whatever is asked most, as any client writes it: with the colon of a scope as it is or as an escape. */
	static const char *const queries[] = {"org={}", "org={}&scope=org:read", "org={}&scope=org%3Aread",
		"scope=org%3aread&org={}", "org={}&scope=org:read&scope=tokens%3Alist", "org={}&scope=%6Frg%3Aread"};

	(void)state;
	for (size_t i = 0; i < sizeof(queries) / sizeof(*queries); i++)
		assert_true(goes(queries[i], w.made.token));
}

static void what_goes_the_long_way(void **state)
{
	/* Goal: every refusal, and whatever is in the least unusual. */
	static const char *const queries[] = {"", "org", "scope=org:read", "org={}&&scope=org:read", "org={}&scope",
		"org={}&scope=", "org={}&scope=org%3", "org={}&scope=org%", "org={}&scope=org%3Gread",
		"org={}&scope=org%00read", "org={}&scope=org%20read", "org={}&scope=org+read",
		"org={}&scope=nobody:knows", "org={}&min_seq=0", "org={}&org={}", "org={}&app=none", "org=x",
		"org={}&%73cope=org:read",
		"org={}&scope=a:b&scope=a:b&scope=a:b&scope=a:b&scope=a:b&scope=a:b&scope=a:b&scope=a:b&scope=a:b"};

	(void)state;
	for (size_t i = 0; i < sizeof(queries) / sizeof(*queries); i++)
		assert_false(goes(queries[i], w.made.token));
	assert_false(goes("org={}", "x"));
}

static int set_up(void **state)
{
	(void)state;
	if (fixture_open(&w) != 0)
		return -1;
	(void)jt_id_text(&w.made.org, org);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return fixture_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_the_short_way),
		cmocka_unit_test(what_goes_the_long_way),
	};

	return cmocka_run_group_tests_name("api_verify_quick", tests, set_up, tear_down);
}
