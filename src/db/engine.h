/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_DB_ENGINE_H
#define JT_DB_ENGINE_H

#include "db/db.h"

/* What an engine gives to the parts of db/ that are the same for all of them, besides db.h itself. */

/* Is there a table `meta`? JT_DB, JT_NOMEM. */
JT_MUST_USE enum jt_result jt_engine_has_meta(struct jt_db *db, bool *has);
/* Runs a migration: many statements in PostgreSQL's words, which the engine turns into its own. In a write transaction. */
JT_MUST_USE enum jt_result jt_engine_script(struct jt_db *db, const char *name, const char *text);

#endif
