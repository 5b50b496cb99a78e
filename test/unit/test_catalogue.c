/* SPDX-License-Identifier: Apache-2.0 */
/* Goal: a good catalogue says what it says; each way of being bad is refused with file, line and reason; limits hold at
 * their edge; giving scopes other bits changes nothing by name. */
#include "catalogue/catalogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define AREAS "areas:\n  a: [x:read, x:write, y:list]\n  b: [z:list]\n"
#define MARKS "marks: {everyone: [x:read], by_team: [y:list], owner_only: [x:write]}\n"
#define KINDS \
	"kinds:\n  personal: {areas: all}\n  ci: {areas: [a]}\n  github: {areas: [a, b]}\n  jira: {areas: [b]}\n" \
	"  access: {areas: [a]}\n  service: {scopes: [z:list], own: [z:list]}\n  custom: {areas: all}\n"
#define ADMIN \
	"  - {name: Admin, id: 6fc50b34-6705-11eb-b610-435a3f7b9ad3, aliases: [ADMIN], reach: org, super_admin: " \
	"true, " \
	"all_except: [x:write]}\n"
#define GUEST \
	"  - {name: Guest, id: 6d5fbe08-0512-46e0-b5d2-45902ee6c0ba, aliases: [GUEST], team_aliases: [TEAM_GUEST], " \
	"reach: teams, scopes: [y:list], in_team: [z:list]}\n"
#define ROLES "roles:\n" ADMIN GUEST
#define TOKENS "token_roles:\n  - {name: CI, id: 66ad5168-41be-4b6c-9ac5-a30b02229c35, kind: ci, token_type: access}\n"

static struct jt_policy *good(const char *text)
{
	struct jt_catalogue_error error;
	struct jt_policy *p = NULL;
	enum jt_result r = jt_catalogue_parse("t.yaml", text, strlen(text), &p, &error);

	if (r != JT_OK)
		fail_msg("%s", error.text);
	return p;
}

static void bad(const char *text, const char *wanted)
{
	struct jt_catalogue_error error;
	struct jt_policy *p = NULL;

	assert_int_equal(jt_catalogue_parse("t.yaml", text, strlen(text), &p, &error), JT_MALFORMED);
	assert_null(p);
	if (!strstr(error.text, wanted))
		fail_msg("wanted '%s' in '%s'", wanted, error.text);
}

static bool holds(const struct jt_policy *p, const struct jt_scopes *set, const char *name)
{
	const struct jt_scope *s = jt_policy_scope(p, name, strlen(name));

	assert_non_null(s);
	return jt_scopes_has(set, s->bit);
}

static void says(const struct jt_policy *p)
{
	const struct jt_role *admin = jt_policy_super_admin(p);
	const struct jt_role *guest = jt_policy_role_by_alias(p, JT_ALIAS_TEAM, "TEAM_GUEST");
	const struct jt_role *ci = jt_policy_token_role(p, JT_KIND_CI);

	assert_non_null(admin);
	assert_non_null(guest);
	assert_non_null(ci);
	assert_true(holds(p, &admin->scopes, "z:list") && !holds(p, &admin->scopes, "x:write"));
	assert_int_equal(guest->reach, JT_REACH_TEAMS);
	assert_true(holds(p, &guest->scopes, "y:list") && !holds(p, &guest->scopes, "z:list"));
	assert_true(holds(p, &guest->in_team, "z:list"));
	assert_true(holds(p, &ci->scopes, "x:read") && !holds(p, &ci->scopes, "z:list"));
	assert_true(holds(p, &p->everyone, "x:read") && holds(p, &p->by_team, "y:list") &&
		    holds(p, &p->owner_only, "x:write"));
	assert_true(holds(p, &p->own[JT_KIND_SERVICE], "z:list"));
	assert_int_equal(jt_scopes_count(&p->all), 4);
}

static void test_good(void **state)
{
	struct jt_policy *p = good(AREAS MARKS KINDS ROLES TOKENS);
	const uint16_t bits[4] = {511, 0, 70, 3};

	(void)state;
	says(p);
	jt_catalogue_assign(p, bits);
	assert_int_equal(p->scope[0].bit, 511);
	says(p);
	jt_catalogue_free(p);
}

static void test_default(void **state)
{
	struct jt_catalogue_error error;
	struct jt_policy *p = NULL;

	(void)state;
	assert_int_equal(jt_catalogue_default(&p, &error), JT_OK);
	assert_int_equal(p->area_count, 8);
	assert_int_equal(p->role_count, 10);
	assert_int_equal(strlen(p->digest), 64);
	jt_catalogue_free(p);
}

static void test_bad(void **state)
{
	(void)state;
	bad("", "t.yaml:");
	bad("a: [1, 2", "t.yaml:2:1: not YAML: flow sequence without a closing bracket");
	bad("- a\n", "t.yaml:1:1: the catalogue must be a mapping");
	bad("a: &x 1\n", "anchors and aliases");
	bad("a: *x\n", "anchors and aliases");
	bad("a: !!str 1\n", "tags are not allowed");
	bad("a: {<<: {b: 1}}\n", "merge keys");
	bad("a: 1\na: 2\n", "t.yaml:2:1: the key 'a' is there twice");
	bad("a: 1\n---\nb: 1\n", "only one document");
	bad("a: [[[[[[[[[[1]]]]]]]]]]\n", "nested deeper than 8");
	bad("marks: {}\n", "'areas' is missing");
	bad("areas: []\n", "t.yaml:1:1: 'areas' must be a mapping");
	bad("areas:\n  a: [x:read, nonsense]\n", "t.yaml:2:15: area 'a': 'nonsense' is not of the form");
	bad("areas:\n  a: ['*:*']\n", "is not of the form");
	bad("areas:\n  a: ['x:*', 'x:read']\n", "either named operations or '*' alone");
	bad("areas:\n  a: ['x:read']\n  b: ['x:*']\n", "either named operations or '*' alone");
	bad("areas:\n  a: [x:read, x:read]\n", "has 'x:read' twice");
	bad(AREAS "marks: {by_team: [x:craete]}\n", "t.yaml:4:19: 'x:craete' is not a scope of any area");
	bad(AREAS "marks: {sometimes: [x:read]}\n", "unknown key 'sometimes'");
	bad(AREAS MARKS "kinds: {ci: {areas: [a]}}\n", "kind 'personal' is missing");
	bad(AREAS MARKS "kinds: {toaster: {}}\n", "there is no kind 'toaster'");
	bad(AREAS MARKS "kinds: {ci: {areas: [c]}}\n", "kind 'ci': there is no area 'c'");
	bad(AREAS MARKS "kinds: {ci: {areas: [a], own: [z:list]}}\n", "without holding it");
	bad(AREAS MARKS KINDS, "'roles' is missing");
	bad(AREAS MARKS KINDS "roles:\n" GUEST, "no role has 'super_admin: true'");
	bad(AREAS MARKS KINDS "roles:\n" ADMIN ADMIN, "there are two roles 'Admin'");
	bad(AREAS MARKS KINDS "roles:\n  - {name: A, id: nope, reach: org}\n", "'nope' is not a UUID");
	bad(AREAS MARKS KINDS "roles:\n  - {name: A, id: 6fc50b34-6705-11eb-b610-435a3f7b9ad3, reach: moon}\n",
		"'reach' must be org or teams");
	bad(AREAS MARKS KINDS ROLES "more: 1\n", "unknown key 'more'");
	bad(AREAS MARKS KINDS ROLES "token_roles:\n  - {name: T, id: 66ad5168-41be-4b6c-9ac5-a30b02229c35, kind: "
				    "personal, token_type: access}\n",
		"not the kind of a managed token role");
}

/* `count` scopes in one area, and the rest of a good catalogue. */
static char *many_scopes(unsigned count)
{
	static const char rest[] =
		"]\nkinds: {personal: {areas: all}, ci: {areas: all}, github: {areas: all}, jira: {areas: all}, "
		"access: {areas: all}, service: {areas: all}, custom: {areas: all}}\nroles:\n"
		"  - {name: A, id: 6fc50b34-6705-11eb-b610-435a3f7b9ad3, reach: org, super_admin: true, "
		"all_except: []}\n";
	size_t room = count * 16 + sizeof(rest) + 32;
	char *text = malloc(room);
	size_t used = 0;

	assert_non_null(text);
	used += (size_t)snprintf(text, room, "areas:\n  a: [");
	for (unsigned i = 0; i < count; i++)
		used += (size_t)snprintf(text + used, room - used, "s%u:read%s", i, i + 1 < count ? ", " : "");
	memcpy(text + used, rest, sizeof(rest));
	return text;
}

static void test_limits(void **state)
{
	char *most = many_scopes(JT_SCOPES_MAX);
	char *over = many_scopes(JT_SCOPES_MAX + 1);
	char *large = calloc(1, JT_CATALOGUE_MAX_BYTES + 2);
	struct jt_policy *p = good(most);

	(void)state;
	assert_int_equal(p->scope_count, JT_SCOPES_MAX);
	bad(over, "more than 512 scopes");
	memset(large, '#', JT_CATALOGUE_MAX_BYTES + 1);
	bad(large, "larger than 262144 bytes");
	large[JT_CATALOGUE_MAX_BYTES] = '\0';
	bad(large, "the file is empty");
	jt_catalogue_free(p);
	free(most);
	free(over);
	free(large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_good), cmocka_unit_test(test_default),
		cmocka_unit_test(test_bad), cmocka_unit_test(test_limits)};

	return cmocka_run_group_tests_name("catalogue", tests, NULL, NULL);
}
