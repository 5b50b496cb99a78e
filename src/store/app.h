/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_APP_H
#define JT_STORE_APP_H

#include "db/db.h"
#include "table/table.h"

/* Rows of `app`. */
#define JT_APP_LABEL_SIZE (128 * 4 + 1)
#define JT_APP_BRANCH_SIZE (255 * 4 + 1)

struct jt_app_row {
	struct jt_id org;
	char id[JT_APP_NAME_MAX + 1];
	char name[JT_APP_LABEL_SIZE];         /* "": none was given */
	struct jt_id team;                    /* none: in no team */
	char base_branch[JT_APP_BRANCH_SIZE]; /* "": none was given */
	int64_t created_ns;
};

/* JT_CONSTRAINT if the org has an app of that id, or there is no such team. */
JT_MUST_USE enum jt_result jt_app_insert(struct jt_db *db, const struct jt_app_row *app);
/* JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_app_get(
	struct jt_db *db, const struct jt_id *org, const char *id, struct jt_app_row *out);
/* Name, team and branch. */
JT_MUST_USE enum jt_result jt_app_update(struct jt_db *db, const struct jt_app_row *app);
JT_MUST_USE enum jt_result jt_app_delete(struct jt_db *db, const struct jt_id *org, const char *id);
/* Apps by id beyond `after` ("" for all), at most `limit` from `offset`; of one team if `team` is not NULL. */
enum jt_app_sort { JT_APP_RISING, JT_APP_FALLING };
/* The sort is by id. */
JT_MUST_USE enum jt_result jt_app_list(struct jt_db *db, const struct jt_id *org, const struct jt_id *team,
	enum jt_app_sort order, const char *after, int64_t limit, int64_t offset, struct jt_rows **rows);
/* JT_OK, JT_DONE or an error. */
JT_MUST_USE enum jt_result jt_app_next(struct jt_rows *rows, struct jt_app_row *out);
/* Takes every app out of a team. */
JT_MUST_USE enum jt_result jt_app_leave_team(struct jt_db *db, const struct jt_id *org, const struct jt_id *team);

#endif
