/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/personal.h"
#include "authority/user.h"
#include "store/session.h"

/* Step: whoever set the first password, or held the link, could have had the token. */
static enum jt_result own_token(struct jt_tx *tx, const struct jt_id *org, const struct jt_id *user)
{
	char value[JT_TOKEN_SIZE];
	enum jt_result r = jt_personal_replace(tx, org, user, value, NULL);

	jt_secret_wipe(value, sizeof(value));
	return r;
}

enum jt_result jt_user_set_password(struct jt_tx *tx, const struct jt_id *org, const struct jt_id *user,
	const char *hash, bool own, const struct jt_id *keep, bool *replaced)
{
	struct jt_account_row row;
	enum jt_result r = jt_account_get(tx->db, org, user, &row);

	*replaced = r == JT_OK && own && !row.password_own;
	if (r == JT_OK)
		r = jt_account_set_password(tx->db, org, user, hash, own);
	if (r == JT_OK && *replaced)
		r = own_token(tx, org, user);
	if (r == JT_OK)
		r = jt_session_delete_all(tx->db, org, user, keep, NULL);
	if (r == JT_OK)
		r = jt_link_drop(tx->db, org, JT_LINK_SETUP, user);
	return r == JT_OK ? jt_link_drop(tx->db, org, JT_LINK_RESET, user) : r;
}
