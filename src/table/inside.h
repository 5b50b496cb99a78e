/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_TABLE_INSIDE_H
#define JT_TABLE_INSIDE_H

#include "table/put.h"
#include "table/table.h"

/* How the writer keeps its files; for the files of this folder alone. */

struct jt_table {
	_Atomic(struct jt_view *) view;    /* the present file */
	struct jt_view *building;          /* the successor that puts go to; NULL: they go to the present file */
	_Atomic(struct jt_view *) retired; /* newest first; kept mapped, for readers on their way out, until the end */
	int64_t retired_ns;                /* when the newest was, CLOCK_BOOTTIME */
	char *dir, *path, *path_new, *path_old; /* NULL: no file has a name */
	int lock_fd;
	int64_t utc_minus_boot_ns; /* as it was told last; 0: not yet */
	_Atomic uint64_t moment;   /* odd while what is shown is being changed */
	struct jt_table_options options;
	char brand[JT_BRAND_MAX + 1];
};

/* Around all that changes what readers see. */
void jt_table_change_begins(struct jt_table *t);
void jt_table_change_ends(struct jt_table *t);
/* The file that puts go to. */
struct jt_view *jt_table_target(struct jt_table *t);
/* A file with room for `sizes`, filled with the vocabulary and the managed roles; not yet published. */
JT_MUST_USE enum jt_result jt_table_create(
	struct jt_table *t, const struct jt_policy *policy, const struct jt_table_sizes *sizes, struct jt_view **out);
/* Forgets a file that was not published. NULL is taken. */
void jt_table_discard(struct jt_table *t, struct jt_view *v);
/* The successor takes the path; the old file is retired. */
JT_MUST_USE enum jt_result jt_table_succeed(struct jt_table *t, struct jt_view *v);
/* The lease, what UTC is and whether there are burnt words go on in `into`, which shows no less than `from`: readers that go over find it good at once. */
void jt_table_carry_lease(const struct jt_view *from, struct jt_view *into);
/* DIR, its lock, what a crash has left there, and the file if it is ours and sound. */
JT_MUST_USE enum jt_result jt_table_attach(struct jt_table *t, struct jt_why *why);
/* Copies everything that still counts. `into` has room. */
JT_MUST_USE enum jt_result jt_table_copy(const struct jt_view *from, struct jt_view *into);
/* How much of each a file shows, as it must be counted for a successor. */
struct jt_table_sizes jt_table_sizes_of(const struct jt_view *v);
/* What is refused from here on, whatever time it is said to be: all that had expired at `utc_s`. */
void jt_table_burn(struct jt_view *v, int64_t utc_s);

#endif
