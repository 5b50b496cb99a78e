/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_AUTHORITY_SESSION_H
#define JT_AUTHORITY_SESSION_H

#include "authority/tx.h"
#include "store/session.h"

/* Sessions of the dashboard (RULES.md "Accounts and orgs"): a cookie of 256 random bits, of which only a hash is kept. A session holds
 * what its user holds, asked anew for each request. */

#define JT_SESSION_SECRET_SIZE 44         /* base64url of 32 bytes, and the terminator */
#define JT_SESSION_LIFE_S (7 * 24 * 3600) /* whatever is done in it */
#define JT_SESSION_IDLE_S (12 * 3600)     /* without a request */
#define JT_SESSION_CONFIRMED_S 300 /* for so long after the password was given, secrets are shown and destroyed */
#define JT_SESSION_SEEN_S 300      /* how old "last seen" may get before it is written */
#define JT_SESSIONS_MAX 50         /* of one user: the next one ends the oldest */

/* The session whose cookie holds `secret`. JT_NOT_FOUND if there is none, or it has ended by now. */
JT_MUST_USE enum jt_result jt_session_find(
	struct jt_db *db, const char *secret, int64_t now_s, struct jt_session_row *out);
/* Is its life over, or was it left alone for too long? */
bool jt_session_has_ended(const struct jt_session_row *s, int64_t now_s);
/* Was the password given within the last five minutes? */
bool jt_session_is_confirmed(const struct jt_session_row *s, int64_t now_s);
/* A new session of the caller, who has just proved who they are, with its audit row. Wipe `secret`. */
JT_MUST_USE enum jt_result jt_session_begin(struct jt_tx *tx, const struct jt_actor *who, const char *user_agent,
	char secret[JT_SESSION_SECRET_SIZE], struct jt_session_row *out);
/* The password was given again. JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_session_confirm(struct jt_tx *tx, struct jt_session_row *s);
/* Ends one of the caller's. JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_session_end(struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *id);
/* Ends all of the caller's but `except` (NULL: all). */
JT_MUST_USE enum jt_result jt_session_end_all(
	struct jt_tx *tx, const struct jt_actor *who, const struct jt_id *except, int64_t *ended);
/* Has the committer write that the session was seen, if what it knows is old by `now_ns`. Never waits; what cannot be written is
 * written with a later request. Any thread. */
void jt_session_seen(struct jt_authority *au, const struct jt_session_row *s, int64_t now_ns);

#endif
