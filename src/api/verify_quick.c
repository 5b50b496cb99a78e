/* SPDX-License-Identifier: Apache-2.0 */
#include "api/verify_quick.h"

#include "authority/authority.h"

#include <string.h>

#define SCOPES_MAX 8
#define VALUE_MAX 128

struct wish {
	struct jt_id org;
	struct jt_place place;
	bool has_org;
	unsigned scopes;
	char scope[SCOPES_MAX][JT_SCOPE_NAME_MAX + 1];
	const char *at[SCOPES_MAX];
	char *text; /* of X-Jeton-Scopes, and its size */
	size_t text_size;
};

static bool plain(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		char c = text[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == ':' ||
			    c == '_' || c == '-' || c == '.'))
			return false;
	}
	return size > 0;
}

static bool is(const char *name, size_t size, const char *wanted)
{
	return size == strlen(wanted) && memcmp(name, wanted, size) == 0;
}

static bool take(struct wish *w, const char *name, size_t name_size, const char *value, size_t size)
{
	if (!plain(value, size) || size > VALUE_MAX)
		return false;
	if (is(name, name_size, "scope")) {
		if (w->scopes == SCOPES_MAX || size > JT_SCOPE_NAME_MAX)
			return false;
		memcpy(w->scope[w->scopes], value, size);
		w->scope[w->scopes][size] = '\0';
		w->at[w->scopes] = w->scope[w->scopes];
		w->scopes++;
		return true;
	}
	if (is(name, name_size, "org")) {
		bool first = !w->has_org;

		w->has_org = true;
		return first && jt_id_parse(value, size, &w->org) == JT_OK;
	}
	if (w->place.kind != JT_PLACE_ORG)
		return false;
	if (is(name, name_size, "app")) {
		w->place.kind = JT_PLACE_APP;
		memcpy(w->place.app, value, size);
		w->place.app[size] = '\0';
		return true;
	}
	w->place.kind = JT_PLACE_TEAM;
	return is(name, name_size, "team") && jt_id_parse(value, size, &w->place.team) == JT_OK;
}

static bool read_query(struct wish *w, const char *query, size_t size)
{
	while (size > 0) {
		const char *end = memchr(query, '&', size);
		size_t length = end ? (size_t)(end - query) : size;
		const char *equals = memchr(query, '=', length);
		size_t name_size = equals ? (size_t)(equals - query) : 0;

		if (!equals || !take(w, query, name_size, equals + 1, length - name_size - 1))
			return false;
		query += length + (end ? 1 : 0);
		size -= length + (end ? 1 : 0);
	}
	return w->has_org;
}

static bool decide(struct jt_authority *au, struct wish *w, const struct jt_caller *who)
{
	struct jt_verify *v = jt_authority_verify(au);
	const struct jt_policy *p = jt_verify_policy(v);
	struct jt_grant grant;
	bool allowed;

	jt_verify_grant(v, who, &w->place, &grant);
	allowed = jt_decide_scopes(p, &grant, w->at, w->scopes, NULL) == JT_STEP_ALLOWED;
	w->text_size = allowed ? jt_api_verify_scopes(p, &grant.held, w->at, w->scopes, w->text) : 0;
	jt_verify_policy_done(v);
	return allowed;
}

static void put_id(struct jt_quick *q, const char *name, const struct jt_id *id)
{
	char *text = q->small[q->parts];

	if (jt_id_is_none(id))
		jt_quick_put(q, name, " ", 1);
	else
		jt_quick_put(q, name, jt_id_text(id, text), JT_ID_TEXT_SIZE - 1);
}

static void put_number(struct jt_quick *q, const char *name, uint64_t number)
{
	char *text = q->small[q->parts];
	size_t at = sizeof(q->small[0]);

	do {
		text[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	jt_quick_put(q, name, text + at, sizeof(q->small[0]) - at);
}

bool jt_api_verify_quick(const struct jt_quick_ask *ask, struct jt_quick *out)
{
	uint64_t as_of = jt_table_watermark(jt_authority_table(ask->au)); /* before anything is asked of it */
	struct jt_caller who;
	struct wish w;

	w.place.kind = JT_PLACE_ORG;
	w.has_org = false;
	w.scopes = 0;
	w.text = out->text;
	if (!read_query(&w, ask->query, ask->query_size))
		return false;
	if (jt_verify_token(jt_authority_verify(ask->au), ask->token, ask->token_size, ask->now_s, &who) !=
			JT_STEP_ALLOWED ||
		!jt_id_equal(&who.org, &w.org) || !decide(ask->au, &w, &who))
		return false;
	put_number(out, "X-Jeton-As-Of", as_of);
	put_id(out, "X-Jeton-Token-Id", &who.token);
	jt_quick_put(out, "X-Jeton-Kind", jt_kind_name(who.kind), strlen(jt_kind_name(who.kind)));
	put_id(out, "X-Jeton-Org", &who.org);
	put_id(out, "X-Jeton-User", &who.user);
	jt_quick_put(out, "X-Jeton-Scopes", w.text_size ? w.text : " ", w.text_size ? w.text_size : 1);
	jt_quick_put(out, "X-Jeton-Teams", " ", 1);
	return true;
}
