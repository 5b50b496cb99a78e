/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_STORE_TEAM_H
#define JT_STORE_TEAM_H

#include "db/db.h"

/* Rows of `team`. */
#define JT_TEAM_NAME_SIZE (128 * 4 + 1)

struct jt_team_row {
	struct jt_id org, id;
	char name[JT_TEAM_NAME_SIZE];
	char name_fold[JT_TEAM_NAME_SIZE];
	int64_t version;
	int64_t created_ns;
};

/* JT_CONSTRAINT if the org has a team of that name. */
JT_MUST_USE enum jt_result jt_team_insert(struct jt_db *db, const struct jt_team_row *team);
/* JT_NOT_FOUND. */
JT_MUST_USE enum jt_result jt_team_get(
	struct jt_db *db, const struct jt_id *org, const struct jt_id *id, struct jt_team_row *out);
/* Name and version. JT_CONSTRAINT if the name is taken. */
JT_MUST_USE enum jt_result jt_team_update(struct jt_db *db, const struct jt_team_row *team);
/* Counts the version up, if the team is there. */
JT_MUST_USE enum jt_result jt_team_touch(struct jt_db *db, const struct jt_id *org, const struct jt_id *id);
/* Its members and its place in limited tokens go with it; its apps must have been taken out. */
JT_MUST_USE enum jt_result jt_team_delete(struct jt_db *db, const struct jt_id *org, const struct jt_id *id);
/* Teams by name beyond `after` (folded; "" for all), at most `limit` from `offset`; columns as jt_team_next reads them. */
enum jt_team_sort { JT_TEAM_RISING, JT_TEAM_FALLING };
/* The sort is by folded name. */
JT_MUST_USE enum jt_result jt_team_list(struct jt_db *db, const struct jt_id *org, enum jt_team_sort order,
	const char *after, int64_t limit, int64_t offset, struct jt_rows **rows);
/* The team of that folded name. */
JT_MUST_USE enum jt_result jt_team_named(
	struct jt_db *db, const struct jt_id *org, const char *name_fold, struct jt_rows **rows);
/* JT_OK, JT_DONE or an error. */
JT_MUST_USE enum jt_result jt_team_next(struct jt_rows *rows, struct jt_team_row *out);

#endif
