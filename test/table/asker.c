/* SPDX-License-Identifier: Apache-2.0 */
#include "world_inside.h"

#include "verify/handle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Everything that is asked of a table, through libjeton. */

#define EACH 16 /* questions about a value */
#define NOT_ASKED 0xff

struct asker {
	struct jeton *j;
	struct jeton_scope *scope[SCOPES];
	struct jeton_org *org[ORGS];
	struct jeton_app *app[ORGS][APPS];
	struct jeton_team *team[ORGS][TEAMS];
	unsigned value[2]; /* the last that was let in, that had expired */
	bool has[2];
	uint64_t min_seq;
};

static const char *id_text(const struct jt_id id, char out[JT_ID_TEXT_SIZE])
{
	return jt_id_text(&id, out);
}

struct asker *asker_new(const char *path)
{
	struct asker *a = calloc(1, sizeof(*a));
	char org[JT_ID_TEXT_SIZE], text[JT_ID_TEXT_SIZE], name[JT_APP_NAME_MAX + 1];

	MUST(a != NULL);
	if (jeton_open(path, &a->j) != JETON_ALLOWED) {
		free(a);
		return NULL;
	}
	for (unsigned i = 0; i < SCOPES; i++)
		MUST(jeton_scope_new(a->j, world_scopes[i], &a->scope[i]) == JETON_ALLOWED);
	for (unsigned o = 0; o < ORGS; o++) {
		(void)id_text(world_id(KEY_ORG, o, 0), org);
		MUST(jeton_org_new(a->j, org, &a->org[o]) == JETON_ALLOWED);
		for (unsigned i = 0; i < APPS; i++) {
			world_app(i, name);
			MUST(jeton_app_new(a->j, org, name, &a->app[o][i]) == JETON_ALLOWED);
		}
		for (unsigned i = 0; i < TEAMS; i++)
			MUST(jeton_team_new(a->j, org, id_text(world_id(KEY_TEAM, o, i), text), &a->team[o][i]) ==
				JETON_ALLOWED);
	}
	return a;
}

void asker_free(struct asker *a)
{
	if (!a)
		return;
	for (unsigned i = 0; i < SCOPES; i++)
		jeton_scope_free(a->scope[i]);
	for (unsigned o = 0; o < ORGS; o++) {
		jeton_org_free(a->org[o]);
		for (unsigned i = 0; i < APPS; i++)
			jeton_app_free(a->app[o][i]);
		for (unsigned i = 0; i < TEAMS; i++)
			jeton_team_free(a->team[o][i]);
	}
	jeton_close(a->j);
	free(a);
}

/* In the order of the answers. Apps and teams are of the value's org. */
static void ask_value(struct asker *a, unsigned value, unsigned org, uint8_t out[EACH])
{
	struct jeton_scope *both[2] = {a->scope[0], a->scope[1]};
	char text[JT_TOKEN_SIZE];
	unsigned n = 0;

	world_value(value, text);
	for (unsigned i = 0; i <= SCOPES + 1; i++) {
		struct jeton_request r = {.scopes = i < SCOPES ? &a->scope[i] : both};
		struct jeton_answer answer;

		r.scope_count = i < SCOPES ? 1 : i == SCOPES ? 0 : 2;
		out[n] = (uint8_t)jeton_verify(a->j, text, strlen(text), &r, &answer);
		if (i == SCOPES && (out[n] == JETON_ALLOWED || strcmp(answer.reason, "expired") == 0)) {
			a->value[out[n] == JETON_ALLOWED ? LET_IN : EXPIRED] = value;
			a->has[out[n] == JETON_ALLOWED ? LET_IN : EXPIRED] = true;
		}
		n++;
	}
	for (unsigned i = 0; i < ORGS; i++) {
		struct jeton_request r = {.org = a->org[i]};

		out[n++] = (uint8_t)jeton_verify(a->j, text, strlen(text), &r, NULL);
	}
	for (unsigned i = 0; i < APPS; i++) {
		struct jeton_request r = {.app = a->app[org][i], .scopes = &a->scope[1], .scope_count = 1};

		out[n++] = (uint8_t)jeton_verify(a->j, text, strlen(text), &r, NULL);
	}
	for (unsigned i = 0; i < TEAMS; i++) {
		struct jeton_request r = {.team = a->team[org][i], .scopes = &a->scope[1 + i % 3], .scope_count = 1};

		out[n++] = (uint8_t)jeton_verify(a->j, text, strlen(text), &r, NULL);
	}
	{
		struct jeton_request r = {.team = a->team[org][0]};

		out[n++] = (uint8_t)jeton_verify(a->j, text, strlen(text), &r, NULL);
	}
	MUST(n < EACH);
}

void asker_ask(struct asker *a, const struct world *w, struct answers *out)
{
	memset(out, NOT_ASKED, sizeof(*out));
	for (unsigned v = 0; v < w->made; v++)
		ask_value(a, v, w->value_org[v], &out->said[v * EACH]);
}

void asker_more(struct asker *a, const struct world *w)
{
	const struct jt_view *v = atomic_load(&a->j->view);

	for (unsigned i = 0; i < w->made; i++) {
		struct jeton_request r = {.app = i % 3 ? a->app[w->value_org[i]][i % APPS] : NULL};
		char text[JT_TOKEN_SIZE], id[JETON_ID_SIZE], teams[TEAMS][JETON_ID_SIZE];
		struct jeton_answer answer;
		struct jt_asked asked;
		struct jt_grant grant;
		uint8_t digest[JT_DIGEST_SIZE];
		const char *kind = NULL;
		size_t count = 0;

		world_value(i, text);
		(void)jeton_verify(a->j, text, strlen(text), &r, &answer);
		(void)jeton_answer_token(a->j, &answer, id);
		(void)jeton_answer_org(a->j, &answer, id);
		(void)jeton_answer_user(a->j, &answer, id);
		(void)jeton_answer_kind(a->j, &answer, &kind);
		(void)jeton_answer_teams(a->j, &answer, teams, TEAMS, &count);
		jt_token_digest(text, strlen(text), digest);
		if (jt_ask_view(v, digest, &r, &asked) == JT_STEP_ALLOWED)
			jt_ask_grant(v, &asked, &r, &grant);
	}
}

/* Said, and not the id? */
static bool lies(enum jeton_result said, const char *id, const struct jt_id truth)
{
	char text[JT_ID_TEXT_SIZE];

	return said == JETON_ALLOWED && strcmp(id, id_text(truth, text)) != 0;
}

static bool teams_lie(struct asker *a, const struct jeton_answer *answer, const struct world *w, unsigned at)
{
	char teams[TEAMS + 1][JETON_ID_SIZE], text[JT_ID_TEXT_SIZE];
	size_t count = 0, found = 0;
	enum jeton_result said = jeton_answer_teams(a->j, answer, teams, TEAMS + 1, &count);
	bool personal = w->token[at].kind == JT_KIND_PERSONAL;
	unsigned org = w->token[at].org;

	for (unsigned t = 0; t < TEAMS; t++) {
		bool is = w->team[org][t] == THERE &&
			  (personal ? w->member[org][t][w->token[at].user] >= 0 : (w->token[at].teams >> t & 1) != 0);

		for (size_t i = 0; is && i < count; i++)
			found += strcmp(teams[i], id_text(world_id(KEY_TEAM, org, t), text)) == 0;
	}
	return said == JETON_ALLOWED && (count > TEAMS || found != count);
}

bool asker_is_misled(struct asker *a, const struct world *w)
{
	bool misled = false;

	for (unsigned at = 0; at < TOKENS; at++) {
		bool personal = w->token[at].kind == JT_KIND_PERSONAL;
		unsigned org = w->token[at].org;

		for (unsigned i = 0; i < w->token[at].values; i++) {
			char text[JT_TOKEN_SIZE], id[JETON_ID_SIZE];
			struct jeton_answer answer;
			enum jeton_result r;

			world_value(w->token[at].value[i], text);
			if (jeton_verify(a->j, text, strlen(text), NULL, &answer) != JETON_ALLOWED)
				continue;
			r = jeton_answer_token(a->j, &answer, id);
			misled = misled || lies(r, id, world_id(KEY_TOKEN, 0, at));
			r = jeton_answer_org(a->j, &answer, id);
			misled = misled || lies(r, id, world_id(KEY_ORG, org, 0));
			r = jeton_answer_user(a->j, &answer, id);
			misled = misled || (personal && lies(r, id, world_id(KEY_USER, org, w->token[at].user)));
			misled = misled || teams_lie(a, &answer, w, at);
		}
	}
	return misled;
}

static void forget(struct jt_term *t)
{
	atomic_store(&t->found, 0);
}

void asker_forget(struct asker *a)
{
	for (unsigned i = 0; i < SCOPES; i++)
		forget(&a->scope[i]->term);
	for (unsigned o = 0; o < ORGS; o++) {
		forget(&a->org[o]->term);
		for (unsigned i = 0; i < APPS; i++)
			forget(&a->app[o][i]->term);
		for (unsigned i = 0; i < TEAMS; i++)
			forget(&a->team[o][i]->term);
	}
}

void asker_demand(struct asker *a, uint64_t seq)
{
	a->min_seq = seq;
}

bool asker_has(const struct asker *a, enum which which)
{
	return a->has[which];
}

enum jeton_result asker_one(struct asker *a, enum which which)
{
	struct jeton_request r = {.min_seq = a->min_seq};
	char text[JT_TOKEN_SIZE];

	MUST(a->has[which]);
	world_value(a->value[which], text);
	return jeton_verify(a->j, text, strlen(text), &r, NULL);
}

/* Under a name that is not one of the world's. */
static bool finds(struct asker *a, const char *name)
{
	bool found = false;

	for (unsigned o = 0; o < ORGS; o++) {
		char org[JT_ID_TEXT_SIZE], text[JT_TOKEN_SIZE];
		struct jeton_app *app = NULL;
		struct jeton_request r = {0};
		enum jeton_result said;

		world_value(a->value[LET_IN], text);
		if (jeton_app_new(a->j, id_text(world_id(KEY_ORG, o, 0), org), name, &app) != JETON_ALLOWED)
			continue;
		r.app = app;
		said = jeton_verify(a->j, text, strlen(text), &r, NULL);
		found = found || said == JETON_ALLOWED || said == JETON_PARTIAL;
		jeton_app_free(app);
	}
	return found;
}

bool asker_finds_misnamed(struct asker *a, const char *text, size_t size)
{
	char name[6] = "";

	for (size_t at = 1; at + 5 < size && text[at]; at += 5) {
		memcpy(name, text + at, 5);
		if (!(strncmp(name, "app-", 4) == 0 && name[4] >= '0' && name[4] < '0' + APPS) && finds(a, name))
			return true;
	}
	return false;
}

const char *asker_question(unsigned at)
{
	static char text[64];
	static const char *const names[EACH] = {"scope 0", "scope 1", "scope 2", "scope 3", "nothing", "scopes 0 1",
		"org 0", "org 1", "app 0", "app 1", "app 2", "team 0", "team 1", "team 2", "team 0 alone", ""};

	(void)snprintf(text, sizeof(text), "value %u, %s", at / EACH, names[at % EACH]);
	return text;
}
