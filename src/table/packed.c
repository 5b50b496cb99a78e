/* SPDX-License-Identifier: Apache-2.0 */
#include "table/inside.h"

#include "base/secret.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Tokens, found by id, by the digest of a value, and personal ones by their user. */

_Static_assert(offsetof(struct jt_table_packed, org) == sizeof(struct jt_table_node), "a record follows its node");
_Static_assert(sizeof(struct jt_table_packed) + sizeof(struct jt_table_packed_value) <= 144, "a million must fit");

/* What was changed so far, to be undone if a later step finds no memory. */
struct step {
	struct jt_map *map;
	uint8_t key[16];
	void *was;
};

struct steps {
	struct step step[JT_TOKEN_VALUES_MAX + 2];
	unsigned count;
};

static enum jt_result put(struct steps *s, struct jt_map *map, const uint8_t key[16], void *value)
{
	struct step *step = &s->step[s->count];
	enum jt_result r = jt_map_put(map, key, value, &step->was);

	if (r != JT_OK)
		return r;
	step->map = map;
	memcpy(step->key, key, 16);
	s->count++;
	return JT_OK;
}

static void undo(struct steps *s)
{
	while (s->count > 0) {
		struct step *step = &s->step[--s->count];

		if (step->was) {
			enum jt_result r = jt_map_put(step->map, step->key, step->was, NULL);

			assert(r == JT_OK); /* the key is there: nothing to allocate */
		} else {
			(void)jt_map_take(step->map, step->key);
		}
	}
}

static const struct jt_id *teams_of(const struct jt_table_packed *k)
{
	return (const struct jt_id *)(const void *)(k->value + k->values);
}

static struct jt_table_packed *pack(const struct jt_table_token *from)
{
	size_t values = from->values * sizeof(struct jt_table_packed_value);
	size_t teams = from->teams * sizeof(struct jt_id);
	struct jt_table_packed *k = calloc(1, sizeof(*k) + values + teams);

	if (!k)
		return NULL;
	k->org = from->org;
	k->id = from->id;
	k->subject = from->kind == JT_KIND_PERSONAL ? from->user : from->role;
	k->created_by = from->created_by;
	k->expires_s = from->expires_s;
	k->kind = (uint8_t)from->kind;
	k->limited = from->limited;
	k->revoked = from->revoked;
	k->values = (uint8_t)from->values;
	k->teams = (uint8_t)from->teams;
	for (unsigned i = 0; i < from->values; i++) {
		memcpy(k->value[i].digest, from->digest[i], JT_DIGEST_SIZE);
		k->value[i].expires_s = from->value_expires_s[i];
	}
	if (teams > 0)
		memcpy(k->value + k->values, from->team, teams);
	return k;
}

static void unpack(const struct jt_table_packed *k, struct jt_table_token *out)
{
	static const struct jt_id none;

	out->org = k->org;
	out->id = k->id;
	out->user = k->kind == JT_KIND_PERSONAL ? k->subject : none;
	out->role = k->kind == JT_KIND_PERSONAL ? none : k->subject;
	out->created_by = k->created_by;
	out->kind = (enum jt_kind)k->kind;
	out->limited = k->limited;
	out->revoked = k->revoked;
	out->expires_s = k->expires_s;
	out->values = k->values;
	for (unsigned i = 0; i < k->values; i++) {
		memcpy(out->digest[i], k->value[i].digest, JT_DIGEST_SIZE);
		out->value_expires_s[i] = k->value[i].expires_s;
	}
	out->teams = k->teams;
	if (k->teams > 0)
		memcpy(out->team, teams_of(k), k->teams * sizeof(struct jt_id));
}

/* Forgets a place in a map if it is still this token's. */
static void forget(struct jt_map *map, const uint8_t key[16], const struct jt_table_packed *k)
{
	if (jt_map_get(map, key) == k)
		(void)jt_map_take(map, key);
}

/* Frees a record that is no longer in `tokens`, and what leads to it. */
static void leave(struct jt_table *t, struct jt_table_packed *k)
{
	uint8_t key[16];

	for (unsigned i = 0; i < k->values; i++)
		forget(&t->digests, k->value[i].digest, k);
	if (k->kind == JT_KIND_PERSONAL) {
		jt_table_key(t, &k->org, k->subject.b, JT_ID_SIZE, key);
		forget(&t->personals, key, k);
	}
	free(k);
}

static enum jt_result put_personal(
	struct jt_table *t, struct steps *s, struct jt_table_packed *k, const struct jt_table_packed *old)
{
	const struct jt_table_packed *known = NULL;
	uint8_t key[16];

	if (k->kind != JT_KIND_PERSONAL)
		return JT_OK;
	jt_table_key(t, &k->org, k->subject.b, JT_ID_SIZE, key);
	known = jt_map_get(&t->personals, key);
	if (k->revoked && known && known != old)
		return JT_OK; /* the user has another by now */
	return put(s, &t->personals, key, k);
}

enum jt_result jt_table_put_token(struct jt_table *t, const struct jt_table_token *from)
{
	struct jt_table_packed *k = NULL;
	struct jt_table_packed *old = NULL;
	struct steps s = {.count = 0};
	enum jt_result r = JT_OK;
	uint8_t key[16];

	if (from->values > JT_TOKEN_VALUES_MAX || from->teams > JT_TOKEN_TEAMS_MAX)
		return JT_TOO_LONG;
	k = pack(from);
	if (!k)
		return JT_NOMEM;
	jt_table_key(t, &k->org, k->id.b, JT_ID_SIZE, key);
	old = jt_map_get(&t->tokens, key);
	r = put(&s, &t->tokens, key, k);
	for (unsigned i = 0; i < k->values && r == JT_OK; i++)
		r = put(&s, &t->digests, k->value[i].digest, k);
	if (r == JT_OK)
		r = put_personal(t, &s, k, old);
	if (r != JT_OK) {
		undo(&s);
		free(k);
		return r;
	}
	if (old)
		leave(t, old);
	else
		atomic_fetch_add(&t->token_count, 1);
	return JT_OK;
}

static void drop(struct jt_table *t, const struct jt_id *org, const struct jt_id *token)
{
	struct jt_table_packed *k = NULL;
	uint8_t key[16];

	jt_table_key(t, org, token->b, JT_ID_SIZE, key);
	k = jt_map_take(&t->tokens, key);
	if (!k)
		return;
	atomic_fetch_sub(&t->token_count, 1);
	leave(t, k);
}

void jt_table_drop_token(struct jt_table *t, const struct jt_id *org, const struct jt_id *token)
{
	drop(t, org, token);
}

void jt_table_drop_tokens_of(struct jt_table *t, const struct jt_id *org)
{
	struct jt_table_node *next = NULL;

	for (struct jt_table_node *node = jt_table_string(&t->tokens, org); node; node = next) {
		struct jt_table_packed *k = (struct jt_table_packed *)(void *)node;

		next = node->next;
		drop(t, &k->org, &k->id);
	}
}

bool jt_table_by_digest(
	const struct jt_table *t, const uint8_t digest[JT_DIGEST_SIZE], unsigned *which, struct jt_table_token *out)
{
	const struct jt_table_packed *k = jt_map_get(&t->digests, digest);

	for (unsigned i = 0; k && i < k->values; i++) {
		if (jt_secret_equal(k->value[i].digest, JT_DIGEST_SIZE, digest, JT_DIGEST_SIZE)) {
			*which = i;
			unpack(k, out);
			return true;
		}
	}
	return false;
}

bool jt_table_token(
	const struct jt_table *t, const struct jt_id *org, const struct jt_id *id, struct jt_table_token *out)
{
	const struct jt_table_packed *k = NULL;
	uint8_t key[16];

	jt_table_key(t, org, id->b, JT_ID_SIZE, key);
	k = jt_map_get(&t->tokens, key);
	if (!k || !jt_id_equal(&k->org, org) || !jt_id_equal(&k->id, id))
		return false;
	unpack(k, out);
	return true;
}

bool jt_table_personal(
	const struct jt_table *t, const struct jt_id *org, const struct jt_id *user, struct jt_table_token *out)
{
	const struct jt_table_packed *k = NULL;
	uint8_t key[16];

	jt_table_key(t, org, user->b, JT_ID_SIZE, key);
	k = jt_map_get(&t->personals, key);
	if (!k || !jt_id_equal(&k->org, org) || !jt_id_equal(&k->subject, user))
		return false;
	unpack(k, out);
	return true;
}
