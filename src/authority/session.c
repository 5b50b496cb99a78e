/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/session.h"

#include "authority/authority.h"
#include "authority/note.h"
#include "base/clock.h"
#include "base/secret.h"
#include "base/text.h"
#include "store/identity.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECRET_BYTES 32

_Static_assert(JT_SESSION_HASH_SIZE == crypto_hash_sha256_BYTES, "a session is kept as SHA-256");
_Static_assert(JT_SESSION_SECRET_SIZE >= (SECRET_BYTES + 2) / 3 * 4, "room for the secret's text");

static void hash_secret(const char *secret, uint8_t out[JT_SESSION_HASH_SIZE])
{
	(void)crypto_hash_sha256(out, (const unsigned char *)secret, strlen(secret)); /* cannot fail */
}

bool jt_session_has_ended(const struct jt_session_row *s, int64_t now_s)
{
	return s->expires_s <= now_s || s->seen_ns / JT_NS_PER_S + JT_SESSION_IDLE_S <= now_s;
}

enum jt_result jt_session_find(struct jt_db *db, const char *secret, int64_t now_s, struct jt_session_row *out)
{
	uint8_t hash[JT_SESSION_HASH_SIZE];
	enum jt_result r;

	hash_secret(secret, hash);
	r = jt_session_get(db, hash, out);
	return r == JT_OK && jt_session_has_ended(out, now_s) ? JT_NOT_FOUND : r;
}

bool jt_session_is_confirmed(const struct jt_session_row *s, int64_t now_s)
{
	return now_s >= s->confirmed_s && now_s < s->confirmed_s + JT_SESSION_CONFIRMED_S;
}

enum jt_result jt_session_begin(struct jt_tx *tx, const struct jt_actor *who, const char *user_agent,
	char secret[JT_SESSION_SECRET_SIZE], struct jt_session_row *out)
{
	const struct jt_id *org = &who->caller.org, *user = &who->caller.user;
	const int64_t now_s = tx->now_ns / JT_NS_PER_S;
	uint8_t random[SECRET_BYTES];
	char text[(SECRET_BYTES + 2) / 3 * 4 + 1];
	enum jt_result r;

	*out = (struct jt_session_row){.org = *org,
		.id = jt_id_new(tx->now_ns),
		.account = *user,
		.created_ns = tx->now_ns,
		.seen_ns = tx->now_ns,
		.expires_s = now_s + JT_SESSION_LIFE_S,
		.confirmed_s = now_s};
	(void)snprintf(out->address, sizeof(out->address), "%s", who->address);
	jt_text_tame(user_agent ? user_agent : "", out->agent, sizeof(out->agent));
	jt_secret_random(random, sizeof(random));
	memcpy(secret, jt_base64url(random, sizeof(random), text), JT_SESSION_SECRET_SIZE);
	hash_secret(secret, out->hash);
	jt_secret_wipe(random, sizeof(random));
	jt_secret_wipe(text, sizeof(text));
	r = jt_session_insert(tx->db, out);
	if (r == JT_OK)
		r = jt_session_trim(tx->db, org, user, JT_SESSIONS_MAX);
	if (r == JT_OK)
		r = jt_session_get(tx->db, out->hash, out);
	if (r == JT_OK)
		r = jt_identity_signed_in(tx->db, org, user, tx->now_ns);
	if (r == JT_OK)
		r = jt_note_id(tx, who, "sign_in", "session", &out->id, json_object());
	if (r != JT_OK)
		jt_secret_wipe(secret, JT_SESSION_SECRET_SIZE);
	return r;
}

enum jt_result jt_session_confirm(struct jt_tx *tx, struct jt_session_row *s)
{
	s->confirmed_s = tx->now_ns / JT_NS_PER_S;
	return jt_session_set_confirmed(tx->db, &s->org, s->hash, s->confirmed_s);
}

enum jt_result jt_session_end(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id)
{
	enum jt_result r = jt_session_delete(tx->db, &who->caller.org, &who->caller.user, id);

	return r == JT_OK ? jt_note_id(tx, who, "end_session", "session", id, json_object()) : r;
}

enum jt_result jt_session_end_all(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *except, int64_t *ended)
{
	const struct jt_id *user = &who->caller.user;
	enum jt_result r = jt_session_delete_all(tx->db, &who->caller.org, user, except, ended);

	return r == JT_OK ? jt_note_id(tx, who, "end_sessions", "user", user,
				    json_pack("{s:I}", "ended", (json_int_t)*ended))
			  : r;
}

/* ---- last seen */

struct seen {
	struct jt_job job;
	struct jt_id org;
	uint8_t hash[JT_SESSION_HASH_SIZE];
	int64_t seen_ns;
};

static enum jt_result write_seen(struct jt_job *job, struct jt_tx *tx)
{
	const struct seen *s = (const struct seen *)(const void *)job;
	enum jt_result r = jt_session_set_seen(tx->db, &s->org, s->hash, s->seen_ns);

	return r == JT_NOT_FOUND ? JT_DONE : r; /* it ended meanwhile */
}

static void free_seen(struct jt_job *job)
{
	free(job);
}

void jt_session_seen(struct jt_authority *au, const struct jt_session_row *s, int64_t now_ns)
{
	struct seen *note = NULL;

	if (now_ns - s->seen_ns < JT_SESSION_SEEN_S * JT_NS_PER_S)
		return;
	note = calloc(1, sizeof(*note));
	if (!note)
		return;
	note->job.run = write_seen;
	note->job.done = free_seen;
	note->org = s->org;
	memcpy(note->hash, s->hash, sizeof(note->hash));
	note->seen_ns = now_ns;
	if (jt_committer_submit(jt_authority_committer(au), &note->job) != JT_OK)
		free(note);
}
