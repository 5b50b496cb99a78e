/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy/decide.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct jt_policy *p;

/* Bits are scattered on purpose: nothing may take an index for a bit. */
enum { ORG_READ = 500, APPS_LIST = 7, APPS_CREATE = 63, ORG_DELETE = 64, TEAMS_UPDATE = 200, TOKENS_CREATE = 9 };

static void add(const char *name, uint16_t bit, const char *mark)
{
	struct jt_scope *s = &p->scope[p->scope_count++];

	snprintf(s->name, sizeof(s->name), "%s", name);
	s->bit = bit;
	s->areas = 1;
	s->everyone = strcmp(mark, "everyone") == 0;
	s->by_team = strcmp(mark, "by_team") == 0;
	s->owner_only = strcmp(mark, "owner_only") == 0;
}

static int setup(void **state)
{
	(void)state;
	p = calloc(1, sizeof(*p));
	if (!p)
		return 1;
	p->area_count = 1;
	add("org:read", ORG_READ, "everyone");
	add("apps:list", APPS_LIST, "by_team");
	add("apps:create", APPS_CREATE, "");
	add("org:delete", ORG_DELETE, "owner_only");
	add("teams:update", TEAMS_UPDATE, "");
	add("tokens:create", TOKENS_CREATE, "");
	jt_policy_index(p);
	p->may[JT_KIND_PERSONAL] = p->may[JT_KIND_CUSTOM] = p->all;
	jt_scopes_add(&p->may[JT_KIND_CI], APPS_LIST);
	jt_scopes_add(&p->may[JT_KIND_CI], APPS_CREATE);
	jt_scopes_add(&p->may[JT_KIND_SERVICE], TOKENS_CREATE);
	jt_scopes_add(&p->own[JT_KIND_SERVICE], TOKENS_CREATE);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(p);
	p = NULL;
	return 0;
}

static struct jt_scopes set(const char *names)
{
	struct jt_scopes s = {{0}};
	char copy[256];
	char *rest = copy;

	snprintf(copy, sizeof(copy), "%s", names);
	for (char *one = strsep(&rest, " "); one && *one; one = strsep(&rest, " "))
		assert_int_equal(jt_policy_expand(p, one, &s), JT_OK);
	return s;
}

static void assert_set(const struct jt_scopes *is, const char *names)
{
	struct jt_scopes wanted = set(names);

	for (unsigned i = 0; i < JT_SCOPES_MAX; i++) {
		if (jt_scopes_has(is, i) != jt_scopes_has(&wanted, i))
			fail_msg("'%s' %s in the set, wanted '%s'", jt_policy_scope_name(p, i),
				jt_scopes_has(is, i) ? "is" : "is not", names);
	}
}

static struct jt_grant grant(struct jt_holding h, enum jt_place_kind place)
{
	struct jt_grant g;

	memset(&g, 0xff, sizeof(g));
	jt_grant_compute(p, &h, place, &g);
	return g;
}

static void names_are_found_whole(void **state)
{
	/* Goal: a scope is found by exactly its name, never by a prefix, a longer text or bytes behind a NUL. */
	(void)state;
	assert_int_equal(jt_policy_scope(p, "apps:list", 9)->bit, APPS_LIST);
	assert_int_equal(jt_policy_scope(p, "apps:list, more", 9)->bit, APPS_LIST);
	assert_null(jt_policy_scope(p, "apps:lis", 8));
	assert_null(jt_policy_scope(p, "apps:list\0", 10));
	assert_null(jt_policy_scope(p, "apps:listx", 10));
	assert_null(jt_policy_scope(p, "", 0));
	assert_string_equal(jt_policy_scope_name(p, ORG_READ), "org:read");
	assert_string_equal(jt_policy_scope_name(p, 1), "");
	assert_string_equal(jt_policy_scope_name(p, 100000), "");
}

static void patterns_expand(void **state)
{
	/* Goal: `resource:*` is every scope of the resource and no other; what is unknown or not of the form is told apart. */
	struct jt_scopes s = {{0}};

	(void)state;
	assert_int_equal(jt_policy_expand(p, "apps:*", &s), JT_OK);
	assert_set(&s, "apps:list apps:create");
	assert_int_equal(jt_policy_expand(p, "app:*", &s), JT_NOT_FOUND);
	assert_int_equal(jt_policy_expand(p, "apps:write", &s), JT_NOT_FOUND);
	for (const char *const *bad = (const char *const[]){"*:*", "*", "", "apps", "apps:", ":list", "apps:*x",
		     "apps:list:x", "Apps:list", "apps:li st", "apps:l*", "*:list", "1apps:list", NULL};
		*bad; bad++)
		assert_int_equal(jt_policy_expand(p, *bad, &s), JT_MALFORMED);
	assert_set(&s, "apps:list apps:create");
}

static void the_owner_holds_all(void **state)
{
	/* Goal: the owner's personal token holds every scope everywhere; nobody else holds what is marked owner_only. */
	struct jt_holding h = {.kind = JT_KIND_PERSONAL, .owner = true};
	struct jt_grant g;

	(void)state;
	for (int place = JT_PLACE_ORG; place <= JT_PLACE_APP; place++) {
		g = grant(h, (enum jt_place_kind)place);
		assert_true(g.visible && jt_scopes_equal(&g.held, &p->all) && jt_scopes_empty(&g.partly));
	}
	h.owner = false;
	h.role = p->all;
	g = grant(h, JT_PLACE_ORG);
	assert_set(&g.held, "org:read apps:list apps:create teams:update tokens:create");
	h.owner = true;
	h.kind = JT_KIND_CUSTOM; /* an owner's integration token is not the owner */
	g = grant(h, JT_PLACE_ORG);
	assert_set(&g.held, "org:read apps:list apps:create teams:update tokens:create");
}

static void a_role_is_cut_to_the_kind(void **state)
{
	/* Goal: whatever the role says, a token holds nothing beyond its kind, at every place. */
	struct jt_holding h = {.kind = JT_KIND_CI, .role = p->all, .among = true, .in_team = p->all};

	(void)state;
	for (int place = JT_PLACE_ORG; place <= JT_PLACE_APP; place++) {
		struct jt_grant g = grant(h, (enum jt_place_kind)place);

		assert_true(g.visible);
		assert_set(&g.held, "apps:list apps:create");
		assert_set(&g.partly, "");
	}
}

static void confined_at_org_level(void **state)
{
	/* Goal: at org level a confined holder holds only what is for everyone, and by_team scopes in part. */
	struct jt_holding h = {
		.kind = JT_KIND_PERSONAL, .confined = true, .role = p->all, .in_team = p->all, .among = true};
	struct jt_grant g = grant(h, JT_PLACE_ORG);

	(void)state;
	assert_true(g.visible);
	assert_set(&g.held, "org:read");
	assert_set(&g.partly, "apps:list");
	h.role = set("apps:create");
	g = grant(h, JT_PLACE_ORG);
	assert_set(&g.held, "");
	assert_set(&g.partly, "");
}

static void own_scopes_of_a_limited_kind(void **state)
{
	/* Goal: a limited service token still holds at org level what its kind's operations cut down to its own, if its role
	 * has it. */
	struct jt_holding h = {.kind = JT_KIND_SERVICE, .confined = true, .role = set("tokens:create apps:list")};
	struct jt_grant g = grant(h, JT_PLACE_ORG);

	(void)state;
	assert_set(&g.held, "tokens:create");
	assert_set(&g.partly, "");
	h.role = set("apps:list");
	g = grant(h, JT_PLACE_ORG);
	assert_set(&g.held, "");
}

static void confined_in_a_place(void **state)
{
	/* Goal: a confined holder sees only places among its own; there a team role adds to the org role. */
	struct jt_holding h = {
		.kind = JT_KIND_PERSONAL, .confined = true, .role = set("apps:list"), .in_team = set("teams:update")};
	struct jt_grant g = grant(h, JT_PLACE_APP);

	(void)state;
	assert_false(g.visible);
	assert_set(&g.held, "");
	assert_set(&g.partly, "");
	h.among = true;
	g = grant(h, JT_PLACE_TEAM);
	assert_true(g.visible);
	assert_set(&g.held, "apps:list teams:update");
	h.confined = false;
	h.among = false;
	g = grant(h, JT_PLACE_TEAM);
	assert_true(g.visible);
	assert_set(&g.held, "apps:list");
	h.kind = JT_KIND_CUSTOM; /* an integration token has no team role */
	h.among = true;
	g = grant(h, JT_PLACE_TEAM);
	assert_set(&g.held, "apps:list");
}

static void the_first_step_is_the_reason(void **state)
{
	/* Goal: the steps refuse in their order, each with its own reason. */
	struct jt_facts f = {.shape = JT_SHAPE_BAD, .revoked = true, .not_before_s = 200, .expires_s = 100};

	(void)state;
	assert_int_equal(jt_decide_token(&f, 100), JT_STEP_SHAPE);
	f.shape = JT_SHAPE_CHECKSUM;
	assert_int_equal(jt_decide_token(&f, 100), JT_STEP_CHECKSUM);
	f.shape = JT_SHAPE_OK;
	assert_int_equal(jt_decide_token(&f, 100), JT_STEP_UNKNOWN);
	f.known = true;
	assert_int_equal(jt_decide_token(&f, 100), JT_STEP_OTHER_ORG);
	f.same_org = true;
	assert_int_equal(jt_decide_token(&f, 100), JT_STEP_REVOKED);
	f.revoked = false;
	assert_int_equal(jt_decide_token(&f, 100), JT_STEP_NOT_YET_VALID);
	assert_int_equal(jt_decide_token(&f, 200), JT_STEP_EXPIRED);
	f.not_before_s = 0;
	assert_int_equal(jt_decide_token(&f, 100), JT_STEP_EXPIRED);
	assert_int_equal(jt_decide_token(&f, 99), JT_STEP_ORG_INACTIVE);
	f.expires_s = 0;
	assert_int_equal(jt_decide_token(&f, INT64_MAX), JT_STEP_ORG_INACTIVE);
	f.org_active = true;
	assert_int_equal(jt_decide_token(&f, 99), JT_STEP_USER_INACTIVE);
	f.user_active = true;
	assert_int_equal(jt_decide_token(&f, 99), JT_STEP_ALLOWED);
}

static void scopes_are_decided_in_order(void **state)
{
	/* Goal: not visible, unknown scope, missing scope, partial: in this order, naming the first that refuses. */
	struct jt_grant g = {.visible = false, .held = set("org:read"), .partly = set("apps:list")};
	const char *wanted[] = {"org:read", "apps:list", "apps:create", "apps:craete"};
	size_t at = 99;

	(void)state;
	assert_int_equal(jt_decide_scopes(p, &g, wanted, 4, &at), JT_STEP_NOT_VISIBLE);
	g.visible = true;
	assert_int_equal(jt_decide_scopes(p, &g, wanted, 4, &at), JT_STEP_UNKNOWN_SCOPE);
	assert_int_equal(at, 3);
	assert_int_equal(jt_decide_scopes(p, &g, wanted, 3, &at), JT_STEP_SCOPE);
	assert_int_equal(at, 2);
	assert_int_equal(jt_decide_scopes(p, &g, wanted, 2, &at), JT_STEP_PARTIAL);
	assert_int_equal(at, 1);
	at = 99;
	assert_int_equal(jt_decide_scopes(p, &g, wanted, 1, &at), JT_STEP_ALLOWED);
	assert_int_equal(jt_decide_scopes(p, &g, NULL, 0, NULL), JT_STEP_ALLOWED);
	assert_int_equal(at, 99);
}

static void steps_have_names(void **state)
{
	/* Goal: every step has a name of its own for the log. */
	(void)state;
	for (int i = 0; i < JT_STEP_COUNT; i++) {
		for (int j = 0; j < i; j++)
			assert_string_not_equal(jt_step_name((enum jt_step)i), jt_step_name((enum jt_step)j));
	}
	assert_string_equal(jt_step_name(JT_STEP_CHECKSUM), "checksum");
	assert_string_equal(jt_step_name(JT_STEP_COUNT), "unknown-step");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_found_whole),
		cmocka_unit_test(patterns_expand),
		cmocka_unit_test(the_owner_holds_all),
		cmocka_unit_test(a_role_is_cut_to_the_kind),
		cmocka_unit_test(confined_at_org_level),
		cmocka_unit_test(own_scopes_of_a_limited_kind),
		cmocka_unit_test(confined_in_a_place),
		cmocka_unit_test(the_first_step_is_the_reason),
		cmocka_unit_test(scopes_are_decided_in_order),
		cmocka_unit_test(steps_have_names),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
