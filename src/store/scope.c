/* SPDX-License-Identifier: Apache-2.0 */
#include "store/scope.h"

#include <string.h>

JT_SQL(scope_all, "SELECT bit, name FROM scope ORDER BY bit");
JT_SQL(scope_add, "INSERT INTO scope (bit, name) VALUES ($1, $2)");
JT_SQL(scope_uses,
	"SELECT org.slug, role.name, role.scopes FROM role JOIN org ON org.id = role.org ORDER BY role.org, role.id");
JT_SQL(role_uses,
	"SELECT 'user', account.role, count(*) FROM account LEFT JOIN role ON role.org = account.org AND "
	"role.id = account.role WHERE role.id IS NULL GROUP BY account.role "
	"UNION ALL SELECT 'team member', member.role, count(*) FROM member LEFT JOIN role ON role.org = member.org AND "
	"role.id = member.role WHERE role.id IS NULL GROUP BY member.role "
	"UNION ALL SELECT 'token', token.role, count(*) FROM token LEFT JOIN role ON role.org = token.org AND "
	"role.id = token.role WHERE token.role IS NOT NULL AND token.listed = 1 AND role.id IS NULL GROUP BY "
	"token.role "
	"UNION ALL SELECT 'invitation', invitation.role, count(*) FROM invitation LEFT JOIN role ON "
	"role.org = invitation.org AND role.id = invitation.role WHERE role.id IS NULL GROUP BY invitation.role");

enum jt_result jt_scope_bits(struct jt_db *db, struct jt_scope_bit out[JT_SCOPES_MAX], size_t *count)
{
	struct jt_rows *rows = NULL;
	enum jt_result r = jt_db_query(db, &scope_all, JT_NO_BIND, &rows);

	*count = 0;
	while (r == JT_OK && (r = jt_rows_next(rows)) == JT_OK) {
		int64_t bit = jt_rows_int(rows, 0);
		const char *name = jt_rows_text(rows, 1);
		size_t length = strlen(name);

		if (*count >= JT_SCOPES_MAX || bit < 0 || bit >= JT_SCOPES_MAX || length > JT_SCOPE_NAME_MAX) {
			r = JT_MALFORMED;
			break;
		}
		out[*count].bit = (uint16_t)bit;
		memcpy(out[*count].name, name, length + 1);
		(*count)++;
	}
	jt_rows_close(&rows);
	return r == JT_DONE ? JT_OK : r;
}

enum jt_result jt_scope_bit_add(struct jt_db *db, unsigned bit, const char *name)
{
	return jt_db_run(db, &scope_add, JT_BIND(JT_I((int64_t)bit), JT_T(name)), NULL);
}

enum jt_result jt_scope_uses(struct jt_db *db, struct jt_rows **out)
{
	return jt_db_query(db, &scope_uses, JT_NO_BIND, out);
}

enum jt_result jt_scope_role_uses(struct jt_db *db, struct jt_rows **out)
{
	return jt_db_query(db, &role_uses, JT_NO_BIND, out);
}
