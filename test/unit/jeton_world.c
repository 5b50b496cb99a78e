/* SPDX-License-Identifier: Apache-2.0 */
#include "jeton_world.h"

#include "base/clock.h"
#include "base/secret.h"
#include "catalogue/catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AREAS(more) "areas:\n  a: [x:read, x:write, y:list" more "]\n  b: [z:list]\n"
#define REST \
	"marks: {everyone: [x:read], by_team: [y:list], owner_only: [x:write]}\n" \
	"kinds:\n  personal: {areas: all}\n  ci: {areas: [a]}\n  github: {areas: [a, b]}\n  jira: {areas: [b]}\n" \
	"  access: {areas: [a]}\n  service: {scopes: [z:list], own: [z:list]}\n  custom: {areas: all}\n" \
	"roles:\n" \
	"  - {name: Admin, id: 6fc50b34-6705-11eb-b610-435a3f7b9ad3, aliases: [ADMIN], reach: org, super_admin: " \
	"true, all_except: [x:write]}\n" \
	"  - {name: Guest, id: 6d5fbe08-0512-46e0-b5d2-45902ee6c0ba, aliases: [GUEST], team_aliases: [TEAM_GUEST], " \
	"reach: teams, scopes: [y:list], in_team: [z:list]}\n" \
	"token_roles:\n  - {name: CI, id: 66ad5168-41be-4b6c-9ac5-a30b02229c35, kind: ci, token_type: access}\n"

static const char *const catalogue[] = {AREAS("") REST, AREAS(", w:new") REST};

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "jeton_world: %s\n", what);
	exit(2);
}

#define MUST(call) must((call) == JT_OK, #call)

static struct jt_id fresh(void)
{
	return jt_id_new(jt_clock_ns());
}

static struct jt_id role(const struct world *w, const char *alias)
{
	return jt_policy_role_by_alias(w->policy[0], JT_ALIAS_ORG, alias)->id;
}

static void mint(struct world *w, enum world_token which, const struct jt_id *org, enum jt_kind kind)
{
	struct jt_table_token *k = &w->token[which];

	k->org = *org;
	k->id = fresh();
	k->kind = kind;
	k->values = 1;
	if (kind == JT_KIND_PERSONAL)
		k->user = fresh();
	else
		k->role = jt_policy_token_role(w->policy[0], kind)->id;
	jt_token_mint(JT_BRAND_DEFAULT, kind, w->value[which]);
	jt_token_digest(w->value[which], strlen(w->value[which]), k->digest[0]);
}

static void mint_all(struct world *w)
{
	static const enum world_token of_users[] = {WORLD_OWNER, WORLD_ADMIN, WORLD_GUEST, WORLD_OFF};
	static const enum world_token of_org[] = {WORLD_CI, WORLD_SHORT, WORLD_BOUND, WORLD_DEAD, WORLD_PAST};

	for (size_t i = 0; i < sizeof(of_users) / sizeof(*of_users); i++)
		mint(w, of_users[i], &w->org, JT_KIND_PERSONAL);
	for (size_t i = 0; i < sizeof(of_org) / sizeof(*of_org); i++)
		mint(w, of_org[i], &w->org, JT_KIND_CI);
	mint(w, WORLD_FAR, &w->far_org, JT_KIND_CI);
	mint(w, WORLD_SHUT, &w->shut_org, JT_KIND_CI);
	w->token[WORLD_SHORT].expires_s = jt_clock_s() + 3600;
	w->token[WORLD_PAST].expires_s = jt_clock_s() - 10;
	w->token[WORLD_DEAD].revoked = true;
	w->token[WORLD_BOUND].limited = true;
	w->token[WORLD_BOUND].team[0] = w->team;
	w->token[WORLD_BOUND].teams = 1;
}

static void start(struct world *w)
{
	const struct jt_table_options options = {
		.dir = w->dir, .brand = JT_BRAND_DEFAULT, .bound_s = JT_TABLE_BOUND_EMBEDDED_S};

	MUST(jt_table_new(&options, &w->table, NULL));
}

void world_restart(struct world *w)
{
	jt_table_free(w->table);
	start(w);
}

void world_open(struct world *w)
{
	struct jt_catalogue_error error;

	memset(w, 0, sizeof(*w));
	MUST(jt_secret_start());
	for (size_t i = 0; i < 2; i++)
		MUST(jt_catalogue_parse("t.yaml", catalogue[i], strlen(catalogue[i]), &w->policy[i], &error));
	(void)snprintf(w->dir, sizeof(w->dir), "/dev/shm/jeton-test-XXXXXX");
	must(mkdtemp(w->dir) != NULL, "mkdtemp");
	(void)snprintf(w->path, sizeof(w->path), "%s/" JT_TABLE_FILE, w->dir);
	start(w);
	w->org = fresh(), w->far_org = fresh(), w->shut_org = fresh();
	w->team = fresh(), w->far_team = fresh(), w->app_team = fresh();
	mint_all(w);
	world_build(w, WORLD_PLAIN);
}

void world_close(struct world *w)
{
	static const char *const files[] = {JT_TABLE_FILE, JT_TABLE_FILE ".new", JT_TABLE_FILE ".old", "lock"};
	char path[128];

	jt_table_free(w->table);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", w->dir, files[i]);
		(void)unlink(path);
	}
	must(rmdir(w->dir) == 0, "something is left in the directory");
	for (size_t i = 0; i < 2; i++)
		jt_catalogue_free(w->policy[i]);
}

static void put_org(struct world *w, const struct jt_id *id, const struct jt_id *owner, bool active)
{
	struct jt_table_org o = {.id = *id, .owner = *owner, .active = active};

	MUST(jt_table_put_org(w->table, &o));
}

static void put_user(struct world *w, enum world_token which, const char *alias, bool active)
{
	struct jt_table_user u = {.org = w->org, .id = w->token[which].user, .role = role(w, alias), .active = active};

	MUST(jt_table_put_user(w->table, &u));
}

void world_put(struct world *w, enum world_token which)
{
	MUST(jt_table_put_token(w->table, &w->token[which]));
}

void world_renew(struct world *w)
{
	jt_table_renew(w->table, jt_clock_mono_ns());
}

void world_build(struct world *w, enum world_catalogue which)
{
	const struct jt_table_sizes none = {0};
	struct jt_table_member m = {
		.org = w->org, .team = w->team, .user = w->token[WORLD_GUEST].user, .role = role(w, "GUEST")};
	struct jt_table_app a = {.org = w->org, .name = WORLD_APP, .team = w->app_team};
	const struct jt_id nobody = fresh();

	MUST(jt_table_rebuild(w->table, w->policy[which], &none));
	put_org(w, &w->org, &w->token[WORLD_OWNER].user, true);
	put_org(w, &w->far_org, &nobody, true);
	put_org(w, &w->shut_org, &nobody, false);
	MUST(jt_table_put_team(w->table, &w->org, &w->team));
	MUST(jt_table_put_team(w->table, &w->org, &w->app_team));
	MUST(jt_table_put_team(w->table, &w->far_org, &w->far_team));
	put_user(w, WORLD_OWNER, "ADMIN", true);
	put_user(w, WORLD_ADMIN, "ADMIN", true);
	put_user(w, WORLD_GUEST, "GUEST", true);
	put_user(w, WORLD_OFF, "ADMIN", false);
	MUST(jt_table_put_member(w->table, &m));
	MUST(jt_table_put_app(w->table, &a));
	for (int i = 0; i < WORLD_COUNT; i++)
		world_put(w, (enum world_token)i);
	w->seq++;
	MUST(jt_table_publish(w->table, w->seq, w->seq));
	world_renew(w);
}
