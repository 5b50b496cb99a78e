/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/factor.h"

#include "authority/node.h"
#include "authority/note.h"
#include "base/clock.h"
#include "store/factor.h"
#include "store/org.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define RECOVERY_BYTES 10
#define RECOVERY_DIGITS 16 /* base32 of these */
#define SCAN_PAGE 100

static enum jt_result seal(const struct jt_keys *keys, const struct jt_id *user, const uint8_t *secret,
	uint8_t out[JT_FACTOR_SEALED_MAX], size_t *size)
{
	struct jt_buf sealed = {0};
	enum jt_result r = jt_keys_seal(keys, secret, JT_TOTP_SECRET_SIZE, user, &sealed);

	if (r == JT_OK && sealed.size > JT_FACTOR_SEALED_MAX)
		r = JT_TOO_LONG;
	if (r == JT_OK) {
		memcpy(out, sealed.data, sealed.size);
		*size = sealed.size;
	}
	jt_buf_free(&sealed);
	return r;
}

static enum jt_result unseal(const struct jt_keys *keys, const struct jt_id *user, const uint8_t *sealed, size_t size,
	uint8_t out[JT_TOTP_SECRET_SIZE])
{
	struct jt_secret *secret = NULL;
	enum jt_result r = jt_keys_open(keys, sealed, size, user, &secret);

	if (r == JT_OK && jt_secret_size(secret) != JT_TOTP_SECRET_SIZE)
		r = JT_MALFORMED;
	if (r == JT_OK)
		memcpy(out, jt_secret_view(secret), JT_TOTP_SECRET_SIZE);
	jt_secret_free(&secret);
	return r;
}

/* The row of a user; an empty one if there is none. */
static enum jt_result get(
	struct jt_tx *tx, const struct jt_id *org, const struct jt_id *user, struct jt_factor_row *row)
{
	enum jt_result r = jt_factor_get(tx->db, org, user, row);

	if (r == JT_NOT_FOUND) {
		row->org = *org;
		row->account = *user;
		r = JT_OK;
	}
	return r;
}

/* ---- recovery codes */

/* Letters and digits of a code as it may have been typed: dashes, blanks and case do not matter. False if it cannot be one. */
static bool read_code(const char *text, char out[RECOVERY_DIGITS + 1])
{
	size_t n = 0;

	for (; *text; text++) {
		char c = *text;

		if (c == '-' || c == ' ')
			continue;
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (n == RECOVERY_DIGITS || !((c >= 'a' && c <= 'z') || (c >= '2' && c <= '7')))
			return false;
		out[n++] = c;
	}
	out[n] = '\0';
	return n == RECOVERY_DIGITS;
}

static void hash_code(const char digits[RECOVERY_DIGITS + 1], uint8_t out[JT_RECOVERY_HASH_SIZE])
{
	(void)crypto_hash_sha256(out, (const unsigned char *)digits, RECOVERY_DIGITS); /* cannot fail */
}

static void make_code(char out[JT_RECOVERY_CODE_SIZE], uint8_t hash[JT_RECOVERY_HASH_SIZE])
{
	uint8_t random[RECOVERY_BYTES];
	char text[RECOVERY_DIGITS + 1], digits[RECOVERY_DIGITS + 1];
	char *at = out;

	jt_secret_random(random, sizeof(random));
	(void)read_code(jt_base32(random, sizeof(random), text), digits);
	hash_code(digits, hash);
	for (unsigned i = 0; i < RECOVERY_DIGITS; i++) {
		if (i > 0 && i % 4 == 0)
			*at++ = '-';
		*at++ = digits[i];
	}
	*at = '\0';
	jt_secret_wipe(random, sizeof(random));
	jt_secret_wipe(text, sizeof(text));
	jt_secret_wipe(digits, sizeof(digits));
}

static enum jt_result make_codes(
	struct jt_tx *tx, const struct jt_id *org, const struct jt_id *user, struct jt_recovery_codes *out)
{
	enum jt_result r = jt_recovery_delete(tx->db, org, user);

	for (unsigned i = 0; r == JT_OK && i < JT_RECOVERY_CODES; i++) {
		uint8_t hash[JT_RECOVERY_HASH_SIZE];

		make_code(out->code[i], hash);
		r = jt_recovery_add(tx->db, org, user, hash);
	}
	return r;
}

static enum jt_result spend_code(
	struct jt_tx *tx, const struct jt_id *org, const struct jt_id *user, const char *digits)
{
	uint8_t hash[JT_RECOVERY_HASH_SIZE];
	enum jt_result r;

	hash_code(digits, hash);
	r = jt_recovery_take(tx->db, org, user, hash);
	return r == JT_NOT_FOUND ? JT_BAD_CREDENTIALS : r;
}

/* ---- the caller's own */

static enum jt_result note(struct jt_tx *tx, const struct jt_actor *who, const char *operation)
{
	return jt_note_id(tx, who, operation, "user", &who->caller.user, json_object());
}

enum jt_result jt_factor_begin(struct jt_tx *tx, const struct jt_actor *who, char secret[JT_TOTP_TEXT_SIZE])
{
	uint8_t bytes[JT_TOTP_SECRET_SIZE];
	struct jt_factor_row row;
	enum jt_result r = get(tx, &who->caller.org, &who->caller.user, &row);

	jt_secret_random(bytes, sizeof(bytes));
	(void)jt_base32(bytes, sizeof(bytes), secret);
	if (r == JT_OK)
		r = seal(tx->au->keys, &row.account, bytes, row.pending, &row.pending_size);
	if (r == JT_OK)
		r = jt_factor_put(tx->db, &row);
	jt_secret_wipe(bytes, sizeof(bytes));
	return r == JT_OK ? note(tx, who, "begin_second_factor") : r;
}

/* Step: the code is one of the secret that waits, which takes the place of the one in force. */
static enum jt_result take_pending(struct jt_tx *tx, struct jt_factor_row *row, const char *code)
{
	uint8_t bytes[JT_TOTP_SECRET_SIZE];
	enum jt_result r = unseal(tx->au->keys, &row->account, row->pending, row->pending_size, bytes);

	if (r == JT_OK && !jt_totp_matches(bytes, code, tx->now_ns / JT_NS_PER_S, 0, &row->last_step))
		r = JT_BAD_CREDENTIALS;
	jt_secret_wipe(bytes, sizeof(bytes));
	if (r != JT_OK)
		return r;
	memcpy(row->secret, row->pending, row->pending_size);
	row->secret_size = row->pending_size;
	row->pending_size = 0;
	row->enrolled = true;
	return jt_factor_put(tx->db, row);
}

enum jt_result jt_factor_enable(struct jt_tx *tx, const struct jt_actor *who, const char *code,
	struct jt_recovery_codes *out, struct jt_why *why)
{
	struct jt_factor_row row;
	enum jt_result r = get(tx, &who->caller.org, &who->caller.user, &row);

	if (r == JT_OK && row.pending_size == 0)
		return jt_why_say(why, JT_CONFLICT, "no second factor is being set up: begin again");
	if (r == JT_OK)
		r = take_pending(tx, &row, code);
	if (r == JT_BAD_CREDENTIALS)
		return jt_why_say(why, r, "this is not the app's present code; is the device's clock right?");
	if (r == JT_OK)
		r = make_codes(tx, &row.org, &row.account, out);
	return r == JT_OK ? note(tx, who, "enable_second_factor") : r;
}

enum jt_result jt_factor_is_enrolled(struct jt_tx *tx, const struct jt_id *org, const struct jt_id *user, bool *out)
{
	struct jt_factor_row row;
	enum jt_result r = get(tx, org, user, &row);

	*out = r == JT_OK && row.enrolled;
	return r;
}

static enum jt_result need_enrolled(struct jt_tx *tx, const struct jt_actor *who, struct jt_why *why)
{
	bool enrolled = false;
	enum jt_result r = jt_factor_is_enrolled(tx, &who->caller.org, &who->caller.user, &enrolled);

	return r == JT_OK && !enrolled ? jt_why_say(why, JT_CONFLICT, "you have no second factor") : r;
}

enum jt_result jt_factor_renew_codes(
	struct jt_tx *tx, const struct jt_actor *who, struct jt_recovery_codes *out, struct jt_why *why)
{
	enum jt_result r = need_enrolled(tx, who, why);

	if (r == JT_OK)
		r = make_codes(tx, &who->caller.org, &who->caller.user, out);
	return r == JT_OK ? note(tx, who, "renew_recovery_codes") : r;
}

enum jt_result jt_factor_disable(struct jt_tx *tx, const struct jt_actor *who, struct jt_why *why)
{
	struct jt_org_row org;
	enum jt_result r = need_enrolled(tx, who, why);

	if (r == JT_OK)
		r = jt_org_get(tx->db, &who->caller.org, &org);
	if (r == JT_OK && org.require_factor)
		return jt_why_say(why, JT_CONFLICT, "your org requires a second factor: set up another in its place");
	if (r == JT_OK)
		r = jt_factor_delete(tx->db, &who->caller.org, &who->caller.user);
	return r == JT_OK ? note(tx, who, "disable_second_factor") : r;
}

enum jt_result jt_factor_drop(struct jt_tx *tx, const struct jt_id *org, const struct jt_id *user, bool *was)
{
	enum jt_result r = jt_factor_delete(tx->db, org, user);

	if (was)
		*was = r == JT_OK;
	return r == JT_NOT_FOUND ? JT_OK : r;
}

/* ---- proof */

static enum jt_result take_code(struct jt_tx *tx, struct jt_factor_row *row, const char *code)
{
	uint8_t bytes[JT_TOTP_SECRET_SIZE];
	enum jt_result r = unseal(tx->au->keys, &row->account, row->secret, row->secret_size, bytes);

	if (r == JT_OK && !jt_totp_matches(bytes, code, tx->now_ns / JT_NS_PER_S, row->last_step, &row->last_step))
		r = JT_BAD_CREDENTIALS;
	jt_secret_wipe(bytes, sizeof(bytes));
	return r == JT_OK ? jt_factor_put(tx->db, row) : r;
}

enum jt_result jt_factor_prove(
	struct jt_tx *tx, const struct jt_id *org, const struct jt_id *user, const char *code, struct jt_why *why)
{
	char digits[RECOVERY_DIGITS + 1] = "";
	struct jt_factor_row row;
	enum jt_result r = get(tx, org, user, &row);

	if (r != JT_OK)
		return r;
	/* Whoever sends one believes that it is checked. */
	if (!row.enrolled)
		return code ? jt_why_field(why, "otp", "must be left out: you have no second factor") : JT_OK;
	if (!code)
		return JT_OTP_REQUIRED;
	r = read_code(code, digits) ? spend_code(tx, org, user, digits) : take_code(tx, &row, code);
	jt_secret_wipe(digits, sizeof(digits));
	return r;
}

/* ---- another key */

static enum jt_result reseal(struct jt_tx *tx, const struct jt_id *user, uint8_t *sealed, size_t *size)
{
	uint8_t bytes[JT_TOTP_SECRET_SIZE];
	enum jt_result r = *size > 0 ? unseal(tx->au->keys, user, sealed, *size, bytes) : JT_DONE;

	if (r == JT_OK)
		r = seal(tx->au->keys, user, bytes, sealed, size);
	jt_secret_wipe(bytes, sizeof(bytes));
	return r == JT_DONE ? JT_OK : r;
}

static enum jt_result reseal_row(struct jt_tx *tx, const struct jt_id *org, const struct jt_id *user)
{
	struct jt_factor_row row;
	enum jt_result r = jt_factor_get(tx->db, org, user, &row);

	if (r == JT_OK)
		r = reseal(tx, user, row.secret, &row.secret_size);
	if (r == JT_OK)
		r = reseal(tx, user, row.pending, &row.pending_size);
	return r == JT_OK ? jt_factor_put(tx->db, &row) : r;
}

enum jt_result jt_factor_seal_all(struct jt_tx *tx)
{
	struct jt_id org[SCAN_PAGE], user[SCAN_PAGE];
	struct jt_id last_org = {{0}}, last_user = {{0}};
	size_t count = SCAN_PAGE;
	enum jt_result r = JT_OK;

	while (r == JT_OK && count == SCAN_PAGE) {
		struct jt_rows *rows = NULL;

		count = 0;
		r = jt_factor_scan(tx->db, &last_org, &last_user, SCAN_PAGE, &rows);
		while (r == JT_OK && count < SCAN_PAGE && (r = jt_rows_next(rows)) == JT_OK) {
			org[count] = jt_rows_id(rows, 0);
			user[count++] = jt_rows_id(rows, 1);
		}
		jt_rows_close(&rows);
		if (r == JT_DONE)
			r = JT_OK;
		for (size_t i = 0; r == JT_OK && i < count; i++)
			r = reseal_row(tx, &org[i], &user[i]);
		if (count > 0) {
			last_org = org[count - 1];
			last_user = user[count - 1];
		}
	}
	return r;
}
