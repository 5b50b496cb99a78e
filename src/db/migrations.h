/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_DB_MIGRATIONS_H
#define JT_DB_MIGRATIONS_H

#include <stddef.h>

/* The files of src/store/migrations/, in PostgreSQL's words, compiled in by embed.py. */
struct jt_migration {
	const char *name;         /* "0001_initial" */
	const char *const *lines; /* each with its newline; NULL ends them */
};

/* Step n brings the schema from version n to n + 1. */
extern const struct jt_migration jt_migrations[];
extern const unsigned jt_migration_count;

#endif
