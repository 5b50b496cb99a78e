/* SPDX-License-Identifier: Apache-2.0 */
/* scale_fill DATA [--tokens N] [--users N] [--teams N] [--apps N] [--seed N]
 *
 * Fills the first org of a data directory that `jeton init` made and nobody serves, by the store's own functions, with what a
 * large org has after two years: tokens of every kind with a few labels in common and most of their own, expired ones, revoked
 * ones, never used ones, some limited to teams of very different sizes; users in teams; apps. The next `jeton serve` builds its
 * table from it. Nobody knows the values. The ids are new each time; all else follows from the seed. */
#include "base/clock.h"
#include "base/secret.h"
#include "base/text.h"
#include "store/account.h"
#include "store/app.h"
#include "store/member.h"
#include "store/org.h"
#include "store/personal.h"
#include "store/role.h"
#include "store/team.h"
#include "store/token.h"
#include "store/usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 20000
#define DAY_S (24 * 3600LL)
#define YEARS_S (730 * DAY_S)
#define CUSTOM_ROLES 12
#define SERVICE_TOKENS 20
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const char *const ROLES_OF_TOKENS[] = {"66ad5168-41be-4b6c-9ac5-a30b02229c35", /* ci */
	"4c2b6c0e-2f5b-4f0e-9a51-0d6a3a7d51c4",                                       /* github */
	"5b588f3a-7fe0-444d-afbb-c0d5ee04139b",                                       /* jira */
	"1d0a3f52-6a5e-4f8e-b2d4-7c9d1e6b9f03",                                       /* access */
	"8f4c3f7a-9a57-4a42-8f0b-4a2f1f5d8e21"};                                      /* service */
static const enum jt_kind KINDS[] = {JT_KIND_CI, JT_KIND_GITHUB, JT_KIND_JIRA, JT_KIND_ACCESS, JT_KIND_SERVICE};
static const char *const ROLES_OF_USERS[] = {"6fc50b34-6705-11eb-b610-435a3f7b9ad3", /* Super Admin */
	"09e9fc1f-8190-4b09-b2bf-a1beabd62c2a",                                      /* Power User */
	"e7ca42af-8dd5-4928-8eb9-28d5e41b5564",                                      /* Member */
	"6d5fbe08-0512-46e0-b5d2-45902ee6c0ba",                                      /* Guest */
	"033d8bd8-849f-4665-9dd8-72787c0b2494"};                                     /* Team Defined */
static const char *const NAMES[] = {"Ada", "Bob", "Chen", "Dana", "Eli", "Fatima", "Goran", "Hanna", "Ivo", "Jun",
	"Kofi", "Lena", "Mio", "Nadia", "Omar", "Pia"};
static const char *const FAMILIES[] = {"Abel", "Becker", "Costa", "Diaz", "Eriksen", "Fischer", "Gupta", "Haddad",
	"Ito", "Jansen", "Kovacs", "Larsen", "Moreau", "Novak", "Okafor", "Petrov", "Quist", "Rossi", "Sato", "Tanaka"};
static const char *const TOOLS[] = {"Jenkins", "GitHub Actions", "gitlab-ci", "CircleCI", "Jira", "nightly", "deploy",
	"scanner", "Release", "canary"};
static const char *const THINGS[] = {"payments", "web", "billing", "search", "mobile", "auth", "ledger", "catalog",
	"mail", "edge", "reports", "Búsqueda"};

static struct {
	struct jt_db *db;
	struct jt_id org;
	int64_t now_s;
	uint64_t random;
	size_t users, teams, apps, tokens;
	struct jt_id *user, *team;
	struct jt_id role[CUSTOM_ROLES];
	struct jt_id service[SERVICE_TOKENS];
	size_t services;
	size_t unwritten;
} f = {.random = 1, .users = 10000, .teams = 200, .apps = 10000, .tokens = 1000000};

static void need(enum jt_result r, const char *what)
{
	if (r == JT_OK)
		return;
	(void)fprintf(stderr, "scale_fill: %s: %s (%s)\n", what, jt_result_text(r), f.db ? jt_db_error(f.db) : "");
	exit(1);
}

/* splitmix64 */
static uint64_t next(void)
{
	uint64_t z = f.random += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static size_t below(size_t n)
{
	return (size_t)(next() % n);
}

static bool one_in(size_t n)
{
	return below(n) == 0;
}

/* Few are chosen often, most seldom. */
static size_t skewed(size_t n)
{
	size_t a = below(n) + 1;

	return below(a);
}

static void written(void)
{
	if (++f.unwritten < BATCH)
		return;
	f.unwritten = 0;
	need(jt_db_commit(f.db), "commit");
	need(jt_db_begin_write(f.db), "begin");
}

static struct jt_id id_of(const char *text)
{
	struct jt_id id;

	need(jt_id_parse(text, strlen(text), &id), text);
	return id;
}

static void fold(const char *text, char *out, size_t size)
{
	need(jt_text_fold(text, out, size), text);
}

static void make_roles(void)
{
	for (size_t i = 0; i < CUSTOM_ROLES; i++) {
		char name[64], name_fold[64];
		struct jt_role_row row = {.org = f.org,
			.id = jt_id_new(f.now_s * JT_NS_PER_S),
			.name = name,
			.name_fold = name_fold,
			.description = "",
			.scopes = "apps:list findings:list",
			.created_ns = f.now_s * JT_NS_PER_S};

		(void)snprintf(name, sizeof(name), "Role %02zu", i);
		fold(name, name_fold, sizeof(name_fold));
		need(jt_role_insert(f.db, &row), "role");
		f.role[i] = row.id;
		written();
	}
}

static void make_teams(void)
{
	for (size_t i = 0; i < f.teams; i++) {
		struct jt_team_row row = {.org = f.org, .id = jt_id_new(f.now_s * JT_NS_PER_S), .version = 1};

		row.created_ns = f.now_s * JT_NS_PER_S;
		(void)snprintf(row.name, sizeof(row.name), "%s %s %03zu", FAMILIES[below(LENGTH(FAMILIES))],
			THINGS[below(LENGTH(THINGS))], i);
		fold(row.name, row.name_fold, sizeof(row.name_fold));
		need(jt_team_insert(f.db, &row), "team");
		f.team[i] = row.id;
		written();
	}
}

static void make_personal(const struct jt_account_row *user)
{
	struct jt_personal_row row = {
		.org = f.org, .id = jt_id_new(user->joined_ns), .account = user->id, .created_ns = user->joined_ns};
	char value[JT_TOKEN_SIZE];
	struct jt_usage_row usage = {.org = f.org, .token = row.id, .uses = (int64_t)below(1000) + 1};

	jt_token_mint(JT_BRAND_DEFAULT, JT_KIND_PERSONAL, value);
	jt_token_digest(value, strlen(value), row.digest);
	need(jt_personal_insert(f.db, &row), "personal token");
	usage.last_used_s = (f.now_s - (int64_t)below(180 * DAY_S)) / 60 * 60;
	if (!one_in(4))
		need(jt_usage_add(f.db, &usage, f.now_s / DAY_S), "usage");
}

static void make_users(void)
{
	static const size_t share[] = {5, 400, 8000, 9500, 10000}; /* of ten thousand, up to each role */

	for (size_t i = 0; i < f.users; i++) {
		struct jt_account_row row = {.org = f.org, .id = jt_id_new(f.now_s * JT_NS_PER_S)};
		const char *name = NAMES[below(LENGTH(NAMES))], *family = FAMILIES[below(LENGTH(FAMILIES))];
		size_t place = below(10000), role = 0;

		while (place >= share[role])
			role++;
		row.role = one_in(50) ? f.role[below(CUSTOM_ROLES)] : id_of(ROLES_OF_USERS[role]);
		row.disabled = one_in(30);
		row.joined_ns = (f.now_s - (int64_t)below(YEARS_S)) * JT_NS_PER_S;
		(void)snprintf(row.name, sizeof(row.name), "%s %s", name, family);
		(void)snprintf(row.email, sizeof(row.email), "%s.%s.%05zu@example.com", name, family, i);
		fold(row.name, row.name_fold, sizeof(row.name_fold));
		fold(row.email, row.email_fold, sizeof(row.email_fold));
		need(jt_account_insert(f.db, &row, NULL), "user");
		f.user[i] = row.id;
		make_personal(&row);
		for (size_t n = below(5); f.teams > 0 && n > 0; n--) {
			struct jt_member_row member = {
				.org = f.org, .account = row.id, .role = id_of(ROLES_OF_USERS[2])};

			member.team = f.team[skewed(f.teams)];
			need(jt_member_put(f.db, &member), "member");
		}
		written();
	}
}

static void make_apps(void)
{
	for (size_t i = 0; i < f.apps; i++) {
		struct jt_app_row row = {.org = f.org, .created_ns = f.now_s * JT_NS_PER_S};

		(void)snprintf(row.id, sizeof(row.id), "%s-%s-%05zu", i % 3 ? "web" : "Svc", TOOLS[below(3) + 5], i);
		(void)snprintf(row.name, sizeof(row.name), "%s of %s", THINGS[below(LENGTH(THINGS))],
			FAMILIES[below(LENGTH(FAMILIES))]);
		if (f.teams > 0 && !one_in(5))
			row.team = f.team[skewed(f.teams)];
		need(jt_app_insert(f.db, &row), "app");
		written();
	}
}

static void choose_role(size_t i, struct jt_token_row *row)
{
	static const size_t share[] = {50, 75, 80, 88}; /* of a hundred, up to each managed role */
	size_t place = below(100), at = 0;

	if (i < SERVICE_TOKENS && i < f.tokens / 10) {
		at = 4;
	} else {
		while (at < LENGTH(share) && place >= share[at])
			at++;
		if (at == LENGTH(share)) {
			row->role = f.role[skewed(CUSTOM_ROLES)];
			row->kind = JT_KIND_CUSTOM;
			return;
		}
	}
	row->role = id_of(ROLES_OF_TOKENS[at]);
	row->kind = KINDS[at];
}

static void choose_label(size_t i, struct jt_token_row *row)
{
	const char *tool = TOOLS[below(LENGTH(TOOLS))], *thing = THINGS[below(LENGTH(THINGS))];

	if (one_in(20))
		(void)snprintf(row->label, sizeof(row->label), "%s", tool);
	else if (one_in(2))
		(void)snprintf(row->label, sizeof(row->label), "%s / %s %zu", tool, thing, below(f.tokens));
	else
		(void)snprintf(row->label, sizeof(row->label), "%s-%s-%07zu", thing, tool, i);
	if (one_in(3))
		(void)snprintf(row->description, sizeof(row->description), "Used by %s for %s. Ask %s.", tool, thing,
			NAMES[below(LENGTH(NAMES))]);
}

/* The same day, at an hour that is far from this one: nothing expires while somebody looks. */
static int64_t quiet_hour(int64_t at_s)
{
	return at_s - (at_s - f.now_s) % DAY_S + DAY_S / 4 + (int64_t)below(DAY_S / 2);
}

/* A quarter never ends; of the others some have. */
static void choose_life(struct jt_token_row *row)
{
	static const int64_t days[] = {30, 90, 365, 800};

	if (one_in(4))
		return;
	row->lifetime_s = days[below(LENGTH(days))] * DAY_S;
	row->expires_s = row->created_ns / JT_NS_PER_S + row->lifetime_s;
	if (row->expires_s <= f.now_s && !one_in(4)) /* it was rotated */
		row->expires_s = f.now_s + 1 + (int64_t)below((size_t)row->lifetime_s);
	row->expires_s = quiet_hour(row->expires_s);
}

static void make_use(const struct jt_token_row *row)
{
	struct jt_usage_row usage = {.org = f.org, .token = row->id, .uses = (int64_t)below(100000) + 1};
	const int64_t age_s = f.now_s - row->created_ns / JT_NS_PER_S;

	if (one_in(6))
		return;
	usage.last_used_s =
		(f.now_s - (one_in(2) ? (int64_t)below(2 * DAY_S) : (int64_t)below((size_t)age_s + 1))) / 60 * 60;
	usage.scopes.word[0] = next() & next();
	need(jt_usage_add(f.db, &usage, f.now_s / DAY_S), "usage");
}

static void add_teams(const struct jt_token_row *row)
{
	size_t chosen[3], count = below(3) + 1, n = 0;

	while (n < count && n < f.teams) {
		bool again = false;

		chosen[n] = skewed(f.teams);
		for (size_t i = 0; i < n; i++)
			again = again || chosen[i] == chosen[n];
		if (again)
			break;
		need(jt_token_add_team(f.db, &f.org, &row->id, &f.team[chosen[n++]]), "team of a token");
	}
}

static void make_token(size_t i)
{
	struct jt_token_row *row = calloc(1, sizeof(*row));
	char value[JT_TOKEN_SIZE];
	uint8_t digest[JT_DIGEST_SIZE];

	if (row == NULL)
		exit(1);
	row->org = f.org;
	row->created_ns = (f.now_s - YEARS_S) * JT_NS_PER_S + (int64_t)i * (YEARS_S * JT_NS_PER_S / (int64_t)f.tokens);
	if (one_in(50))
		row->created_ns -= row->created_ns % (3600 * JT_NS_PER_S); /* some at once, as programs do */
	row->id = jt_id_new(row->created_ns);
	choose_role(i, row);
	choose_label(i, row);
	choose_life(row);
	(void)snprintf(row->token_type, sizeof(row->token_type), "%s",
		row->kind == JT_KIND_CI || row->kind == JT_KIND_ACCESS ? "access" : "integration");
	row->limited = f.teams > 0 && row->kind != JT_KIND_SERVICE && below(10) < 4;
	if (f.services > 0 && row->kind == JT_KIND_CI && one_in(3))
		row->created_by_token = f.service[below(f.services)];
	else if (f.users > 0)
		row->created_by = f.user[skewed(f.users)];
	need(jt_token_insert(f.db, row), "token");
	jt_token_mint(JT_BRAND_DEFAULT, row->kind, value);
	jt_token_digest(value, strlen(value), digest);
	need(jt_token_add_value(f.db, &f.org, &row->id, 1, digest, row->expires_s), "value");
	if (row->limited)
		add_teams(row);
	make_use(row);
	if (row->kind == JT_KIND_SERVICE && f.services < SERVICE_TOKENS)
		f.service[f.services++] = row->id;
	else if (one_in(20))
		need(jt_token_mark_revoked(f.db, &f.org, &row->id, f.now_s * JT_NS_PER_S), "revoke");
	free(row);
	written();
}

static void read_arguments(int argc, char **argv)
{
	const struct {
		const char *name;
		size_t *at;
	} options[] = {{"--tokens", &f.tokens}, {"--users", &f.users}, {"--teams", &f.teams}, {"--apps", &f.apps},
		{"--seed", (size_t *)&f.random}};

	for (int i = 2; i + 1 < argc; i += 2) {
		uint64_t number = 0;
		size_t at = 0;

		while (at < LENGTH(options) && strcmp(options[at].name, argv[i]) != 0)
			at++;
		if (at == LENGTH(options))
			exit(2);
		need(jt_text_u64(argv[i + 1], strlen(argv[i + 1]), 100000000, &number), argv[i]);
		*options[at].at = (size_t)number;
	}
}

int main(int argc, char **argv)
{
	struct jt_rows *orgs = NULL;

	if (argc < 2 || argc % 2 != 0) {
		(void)fprintf(stderr, "scale_fill DATA [--tokens N] [--users N] [--teams N] [--apps N] [--seed N]\n");
		return 2;
	}
	read_arguments(argc, argv);
	f.now_s = jt_clock_s();
	f.user = calloc(f.users + 1, sizeof(*f.user));
	f.team = calloc(f.teams + 1, sizeof(*f.team));
	if (f.user == NULL || f.team == NULL)
		return 1;
	need(jt_secret_start(), "random");
	need(jt_db_open(argv[1], JT_DB_WRITE, &f.db), argv[1]);
	need(jt_org_scan(f.db, &orgs), "orgs");
	need(jt_rows_next(orgs), "orgs");
	f.org = jt_rows_id(orgs, 0);
	jt_rows_close(&orgs);
	need(jt_db_begin_write(f.db), "begin");
	make_roles();
	make_teams();
	make_users();
	make_apps();
	for (size_t i = 0; i < f.tokens; i++)
		make_token(i);
	need(jt_db_commit(f.db), "commit");
	jt_db_close(f.db);
	free(f.user);
	free(f.team);
	return 0;
}
