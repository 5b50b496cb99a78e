/* SPDX-License-Identifier: Apache-2.0 */
#include "api/verify_quick.h"

#include "authority/authority.h"
#include "base/text.h"
#include "authority/usage.h"
#include "verify/ask.h"

#include <stdlib.h>
#include <string.h>

#define SCOPES_MAX 8
#define VALUE_MAX 128
#define SECONDS_A_MINUTE 60

/* What is asked, as the decision takes it. A connection keeps it from one request to the next, with what its terms were found to
 * be: whoever asks mostly asks the same, of another token. It is of the query that it holds a copy of, and of no other. */
struct wish {
	char query[JT_QUICK_TARGET_MAX];
	size_t query_size;
	bool good; /* what can go the short way */
	struct jeton_request ask;
	struct jeton_org org;
	struct jeton_app app;
	struct jeton_team team;
	struct jeton_scope scope[SCOPES_MAX];
	struct jeton_scope *scopes[SCOPES_MAX];
	char name[SCOPES_MAX][JT_SCOPE_NAME_MAX + 1];
	const char *at[SCOPES_MAX];
	char decoded[JT_QUICK_TARGET_MAX]; /* values that came with escapes, one after another */
	size_t used;
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
	return size == strlen(wanted) && strncmp(name, wanted, size) == 0;
}

static bool take_scope(struct wish *w, const char *value, size_t size)
{
	size_t n = w->ask.scope_count;

	if (n == SCOPES_MAX || size > JT_SCOPE_NAME_MAX)
		return false;
	memcpy(w->name[n], value, size);
	w->name[n][size] = '\0';
	w->at[n] = w->name[n];
	w->scope[n].term = (struct jt_term){.name = w->name[n], .length = size};
	w->scopes[n] = &w->scope[n];
	w->ask.scope_count++;
	return true;
}

static bool take(struct wish *w, const char *name, size_t name_size, const char *value, size_t size)
{
	if (!plain(value, size) || size > VALUE_MAX)
		return false;
	if (is(name, name_size, "scope"))
		return take_scope(w, value, size);
	if (is(name, name_size, "org")) {
		bool first = !w->ask.org;

		w->ask.org = &w->org;
		return first && jt_id_parse(value, size, &w->org.term.id) == JT_OK;
	}
	if (w->ask.app || w->ask.team)
		return false;
	if (is(name, name_size, "app")) {
		w->ask.app = &w->app;
		w->app.term.name = value;
		w->app.term.length = size;
		return true;
	}
	w->ask.team = &w->team;
	return is(name, name_size, "team") && jt_id_parse(value, size, &w->team.term.id) == JT_OK;
}

/* Clients write the colon of a scope as %3A. `*value` becomes what it says. */
static bool decode(struct wish *w, const char **value, size_t *size)
{
	char *out = w->decoded + w->used;
	size_t n = 0;

	if (!memchr(*value, '%', *size))
		return true;
	for (size_t i = 0; i < *size; i++) {
		out[n] = (*value)[i];
		if (out[n] == '%' && (*size - i < 3 || jt_unhex(*value + i + 1, 2, &out[n], 1) != JT_OK))
			return false;
		i += (*value)[i] == '%' ? 2 : 0;
		n++;
	}
	w->used += n;
	*value = out;
	*size = n;
	return true;
}

static bool read_query(struct wish *w)
{
	const char *query = w->query;
	size_t size = w->query_size;

	memset(&w->ask, 0, sizeof(w->ask));
	w->org.term = w->app.term = w->team.term = (struct jt_term){.found = 0};
	w->ask.scopes = w->scopes;
	w->used = 0;
	while (size > 0) {
		const char *end = memchr(query, '&', size);
		size_t length = end ? (size_t)(end - query) : size;
		const char *equals = memchr(query, '=', length);
		size_t name_size = equals ? (size_t)(equals - query) : 0;
		const char *value = equals ? equals + 1 : NULL;
		size_t value_size = equals ? length - name_size - 1 : 0;

		if (!equals || !decode(w, &value, &value_size) || !take(w, query, name_size, value, value_size))
			return false;
		query += length + (end ? 1 : 0);
		size -= length + (end ? 1 : 0);
	}
	w->app.term.org = w->team.term.org = w->org.term.id;
	return w->ask.org != NULL;
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

/* X-Jeton-Scopes: what was asked for, or all that is held there. False: that is no longer to be told of what was let in. */
static bool put_scopes(
	const struct jt_view *v, const struct jt_asked *asked, const struct wish *w, struct jt_quick *out)
{
	struct jt_grant grant = {.visible = true};
	size_t size;

	if (w->ask.scope_count == 0)
		jt_ask_grant(v, asked, &w->ask, &grant);
	if (!grant.visible)
		return false;
	size = jt_api_verify_scopes(&v->policy, &grant.held, w->at, w->ask.scope_count, out->text);
	jt_quick_put(out, "X-Jeton-Scopes", size ? out->text : " ", size ? size : 1);
	return true;
}

static void note_use(
	const struct jt_quick_ask *ask, const struct jt_view *v, const struct jt_asked *asked, struct wish *w)
{
	struct jt_usage *usage = jt_authority_usage(ask->au);
	struct jt_scopes exercised = {{0}};
	const struct jt_own_use use = {.instance = asked->instance,
		.index = asked->token,
		.minute = (uint32_t)(asked->now_s / SECONDS_A_MINUTE),
		.exercised = w->ask.scope_count ? &exercised : NULL,
		.from = ask->from};

	for (size_t i = 0; i < w->ask.scope_count; i++)
		jt_scopes_add(&exercised, JT_TERM_BIT(jt_term_is(&w->scope[i].term, v, jt_term_look_scope)));
	if (usage)
		jt_usage_note(usage, &use);
}

/* Who it is; a damaged id, and zeros, which a file shows whose memory was given back under us, are left to the long way. */
static bool name(const struct jt_view *v, const struct jt_asked *asked, struct jt_id *token, struct jt_id *user)
{
	*user = (struct jt_id){{0}};
	return jt_token_id(v, asked->token, token) &&
	       (jt_word_kind(asked->word) != JT_KIND_PERSONAL || jt_user_id(v, jt_cold_ref(v, asked->token), user));
}

/* What the query asks; NULL: nothing that goes the short way. */
static struct wish *wish_of(const struct jt_quick_ask *ask)
{
	struct wish *w = *ask->kept;

	if (w && w->query_size == ask->query_size && memcmp(w->query, ask->query, ask->query_size) == 0)
		return w->good ? w : NULL;
	if (!w)
		w = *ask->kept = calloc(1, sizeof(*w));
	if (!w || ask->query_size >= sizeof(w->query))
		return NULL;
	memcpy(w->query, ask->query, ask->query_size);
	w->query_size = ask->query_size;
	w->good = read_query(w);
	return w->good ? w : NULL;
}

bool jt_api_verify_quick(const struct jt_quick_ask *ask, struct jt_quick *out)
{
	const struct jt_view *v = jt_table_view(jt_authority_table(ask->au));
	const char *kind = NULL;
	uint8_t digest[JT_DIGEST_SIZE];
	struct jt_asked asked;
	struct jt_id token, user;
	struct wish *w = wish_of(ask);

	if (!v || !w || ask->token_size > JT_TOKEN_MAX)
		return false;
	jt_token_digest(ask->token, ask->token_size, digest);
	if (jt_ask_view(v, digest, &w->ask, &asked) != JT_STEP_ALLOWED)
		return false;
	__builtin_prefetch(&v->token_id[asked.token]); /* far away, and needed last */
	__builtin_prefetch(&v->token_ref[asked.token]);
	kind = jt_kind_name((enum jt_kind)jt_word_kind(asked.word));
	put_number(out, "X-Jeton-As-Of", asked.as_of);
	jt_quick_put(out, "X-Jeton-Kind", kind, strlen(kind));
	put_id(out, "X-Jeton-Org", &w->org.term.id);
	if (!put_scopes(v, &asked, w, out) || !name(v, &asked, &token, &user))
		return false;
	jt_quick_put(out, "X-Jeton-Teams", " ", 1);
	put_id(out, "X-Jeton-Token-Id", &token);
	put_id(out, "X-Jeton-User", &user);
	note_use(ask, v, &asked, w);
	return true;
}
