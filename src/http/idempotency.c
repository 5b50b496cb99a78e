/* SPDX-License-Identifier: Apache-2.0 */
#include "http/idempotency.h"

#include "base/clock.h"
#include "base/map.h"
#include "base/secret.h"
#include "http/answer.h"
#include "http/inside.h"
#include "store/idempotency.h"

#include <nettle/sha2.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct jt_running {
	pthread_mutex_t lock;
	struct jt_map map; /* to the request */
};

enum jt_result jt_running_new(struct jt_running **out)
{
	struct jt_running *set = calloc(1, sizeof(*set));
	uint64_t seed = 0;

	*out = set;
	if (!set)
		return JT_NOMEM;
	pthread_mutex_init(&set->lock, NULL);
	jt_secret_random(&seed, sizeof(seed));
	jt_map_start(&set->map, seed);
	return JT_OK;
}

void jt_running_free(struct jt_running *set)
{
	if (!set)
		return;
	jt_map_free(&set->map);
	pthread_mutex_destroy(&set->lock);
	free(set);
}

/* The key, where the operation takes one. */
static const char *key_of(const struct jt_http_request *r)
{
	return r->match.op && jt_op_takes_key(r->match.op) ? r->head.idempotency_key : NULL;
}

enum jt_result jt_idempotency_check(struct jt_http_request *r)
{
	const char *key = key_of(r);
	size_t length = key ? strlen(key) : 0;

	if (!key)
		return JT_OK;
	if (length < JT_IDEMPOTENCY_KEY_MIN || length > JT_IDEMPOTENCY_KEY_MAX)
		return jt_why_field(&r->call.why, "Idempotency-Key", "must have 16 to 255 characters");
	for (; *key; key++) {
		if (*key < 0x21 || *key > 0x7e)
			return jt_why_field(&r->call.why, "Idempotency-Key", "must be visible ASCII characters");
	}
	return JT_OK;
}

static void hash_part(struct sha256_ctx *ctx, const void *bytes, size_t size)
{
	uint8_t length[8];

	for (unsigned i = 0; i < sizeof(length); i++)
		length[i] = (uint8_t)((uint64_t)size >> (56 - 8 * i));
	sha256_update(ctx, sizeof(length), length);
	sha256_update(ctx, size, bytes);
}

/* Who the key belongs to: a token, a session, or, where the body proved it, a user. */
static const struct jt_id *caller_of(const struct jt_http_request *r)
{
	if (r->call.by_session)
		return &r->call.session.id;
	return r->authenticated ? &r->call.who.caller.token : &r->call.who.caller.user;
}

enum jt_result jt_idempotency_enter(struct jt_http_request *r)
{
	struct jt_running *set = r->server->running;
	const char *key = key_of(r);
	struct sha256_ctx ctx;
	uint8_t digest[SHA256_DIGEST_SIZE];
	enum jt_result result = JT_IDEMPOTENCY_BUSY;

	if (!key)
		return JT_OK;
	sha256_init(&ctx);
	hash_part(&ctx, caller_of(r), sizeof(struct jt_id));
	hash_part(&ctx, r->method, strlen(r->method));
	hash_part(&ctx, r->target.path, strlen(r->target.path));
	hash_part(&ctx, key, strlen(key));
	sha256_digest(&ctx, sizeof(digest), digest);
	memcpy(r->idem, digest, sizeof(r->idem));
	pthread_mutex_lock(&set->lock);
	if (!jt_map_get(&set->map, r->idem))
		result = jt_map_put(&set->map, r->idem, r, NULL);
	pthread_mutex_unlock(&set->lock);
	r->idem_entered = result == JT_OK;
	return result;
}

void jt_idempotency_leave(struct jt_http_request *r)
{
	struct jt_running *set = r->server->running;

	if (!r->idem_entered)
		return;
	pthread_mutex_lock(&set->lock);
	if (jt_map_take(&set->map, r->idem) != r)
		jt_why_say(&r->call.why, JT_INTERNAL, "lost an idempotency key");
	pthread_mutex_unlock(&set->lock);
	r->idem_entered = false;
}

static void make_key(struct jt_http_request *r, const char *key, struct jt_idempotency_key *out)
{
	struct sha256_ctx ctx;

	out->org = r->call.who.caller.org;
	out->caller = *caller_of(r);
	out->method = r->method;
	out->path = r->target.path;
	sha256_init(&ctx);
	sha256_update(&ctx, strlen(key), (const uint8_t *)key);
	sha256_digest(&ctx, sizeof(out->hash), out->hash);
}

/* The body as it was sent, and the query: what else could make the same key mean another request. */
static void hash_body(const struct jt_http_request *r, uint8_t out[JT_IDEMPOTENCY_HASH_SIZE])
{
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	for (unsigned i = 0; i < r->target.count; i++) {
		hash_part(&ctx, r->target.query[i].name, strlen(r->target.query[i].name));
		hash_part(&ctx, r->target.query[i].value, strlen(r->target.query[i].value));
	}
	hash_part(&ctx, r->body ? r->body : "", r->body_size);
	sha256_digest(&ctx, JT_IDEMPOTENCY_HASH_SIZE, out);
}

static enum jt_result keep(struct jt_http_request *r, const void *bytes, size_t size, int status)
{
	r->kept = malloc(size + 1);
	if (!r->kept)
		return JT_NOMEM;
	memcpy(r->kept, bytes, size);
	r->kept[size] = '\0';
	r->kept_size = size;
	r->kept_status = status;
	return JT_OK;
}

static const struct jt_id *bound_to(const struct jt_idempotency_key *key, const struct jt_id *token)
{
	return jt_id_is_none(token) ? &key->org : token;
}

static enum jt_result gone(struct jt_http_request *r, const struct jt_id *token)
{
	char id[JT_ID_TEXT_SIZE];

	if (jt_id_is_none(token))
		return JT_IDEMPOTENCY_GONE;
	return jt_why_say(&r->call.why, JT_IDEMPOTENCY_GONE, "%s; the token's id is %s",
		jt_result_text(JT_IDEMPOTENCY_GONE), jt_id_text(token, id));
}

/* Does the value in a kept answer still work? An answer without a value holds another secret: a link. */
static bool still_lives(struct jt_tx *tx, const struct jt_secret *answer)
{
	json_t *tree = json_loadb((const char *)jt_secret_view(answer), jt_secret_size(answer), 0, NULL);
	json_t *value = json_object_get(json_object_get(tree, "response"), "value");
	struct jt_caller whose;
	bool lives = true;

	if (json_is_string(value))
		lives = jt_verify_token(tx->verify, json_string_value(value), json_string_length(value), &whose) ==
			JT_STEP_ALLOWED;
	json_decref(tree);
	return lives;
}

static enum jt_result replay_secret(struct jt_http_request *r, struct jt_tx *tx, const struct jt_idempotency_key *key,
	const struct jt_idempotency_row *row)
{
	struct jt_secret *plain = NULL;
	enum jt_result result;

	if (tx->now_ns / JT_NS_PER_S - row->created_s >= JT_IDEMPOTENCY_SECRET_SECONDS)
		return gone(r, &row->token);
	result = jt_keys_open_with(jt_authority_keys(tx->au), key_of(r), row->answer, row->answer_size,
		bound_to(key, &row->token), &plain);
	if (result == JT_OK)
		result = still_lives(tx, plain) ? keep(r, jt_secret_view(plain), jt_secret_size(plain), row->status)
						: gone(r, &row->token);
	else if (result == JT_WRONG_KEY)
		result = gone(r, &row->token);
	jt_secret_free(&plain);
	return result;
}

static enum jt_result replay(struct jt_http_request *r, struct jt_tx *tx, const struct jt_idempotency_key *key,
	const struct jt_idempotency_row *row)
{
	uint8_t hash[JT_IDEMPOTENCY_HASH_SIZE];
	enum jt_result result;

	hash_body(r, hash);
	if (!jt_secret_equal(hash, sizeof(hash), row->body_hash, sizeof(row->body_hash)))
		return JT_IDEMPOTENCY_REUSED;
	if (row->secret)
		result = replay_secret(r, tx, key, row);
	else
		result = keep(r, row->answer, row->answer_size, row->status);
	return result == JT_OK ? JT_DONE : result;
}

/* A savepoint, because an org that this very request deleted can keep no answers. */
static enum jt_result put(struct jt_tx *tx, const struct jt_idempotency_key *key, const struct jt_idempotency_row *row)
{
	enum jt_result result = jt_db_savepoint(tx->db);

	if (result != JT_OK)
		return result;
	result = jt_idempotency_put(tx->db, key, row);
	if (result == JT_OK)
		return jt_db_release(tx->db);
	if (jt_db_undo(tx->db) != JT_OK)
		return JT_DB;
	return result == JT_CONSTRAINT ? JT_OK : result;
}

static enum jt_result record(struct jt_http_request *r, struct jt_tx *tx, const struct jt_idempotency_key *key)
{
	struct jt_idempotency_row row = {.status = jt_answer_status(&r->call), .token = r->call.secret_of};
	struct jt_buf sealed = {0};
	struct jt_buf body = {0};
	enum jt_result result = jt_answer_render(&r->call, &body);

	row.secret = (r->match.op->flags & JT_OP_SECRET) != 0;
	row.created_s = tx->now_ns / JT_NS_PER_S;
	row.answer = body.data ? (const void *)body.data : "";
	row.answer_size = body.size;
	hash_body(r, row.body_hash);
	if (result == JT_OK && row.secret) {
		result = jt_keys_seal_with(jt_authority_keys(tx->au), key_of(r), row.answer, row.answer_size,
			bound_to(key, &row.token), &sealed);
		row.answer = sealed.data;
		row.answer_size = sealed.size;
	}
	if (result == JT_OK)
		result = put(tx, key, &row);
	jt_buf_free(&sealed);
	jt_buf_wipe(&body);
	return result;
}

/* A refusal that says what the caller may not do stands before any replay. */
static bool forbids(enum jt_result ran)
{
	int status = jt_result_status(ran);

	return status == 401 || status >= 500 || jt_result_about_power(ran);
}

enum jt_result jt_idempotency_settle(struct jt_http_request *r, struct jt_tx *tx, enum jt_result ran)
{
	struct jt_idempotency_key key;
	struct jt_idempotency_row row;
	struct jt_rows *rows = NULL;
	enum jt_result result;

	free(r->kept);
	r->kept = NULL;
	if (!key_of(r) || forbids(ran))
		return ran;
	make_key(r, key_of(r), &key);
	if (jt_id_is_none(&key.org) || jt_id_is_none(&key.caller))
		return ran;
	result = jt_idempotency_find(tx->db, &key, &rows, &row);
	if (result == JT_OK)
		result = replay(r, tx, &key, &row);
	else if (result == JT_NOT_FOUND)
		result = ran == JT_OK ? record(r, tx, &key) : ran;
	jt_rows_close(&rows);
	return result;
}
