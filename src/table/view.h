/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_TABLE_VIEW_H
#define JT_TABLE_VIEW_H

#include "policy/policy.h"
#include "table/format.h"

#include <sys/types.h>
#include <time.h>

/* A mapped table file that was found sound. Where things are was checked once and is kept here, out of the file's reach; each
 * index that comes from the file is checked again where it is used. Any number of threads may read one. */
struct jt_view {
	uint8_t *at; /* the mapping: read-only, unless it is the writer's */
	size_t size;
	struct jt_table_live *live;
	uint32_t room[JT_SECTION_COUNT];
	uint64_t start[JT_SECTION_COUNT];
	uint32_t lines; /* of HOT, two entries each */
	struct jt_org_record *org;
	struct jt_role_record *role;
	struct jt_set_record *set;
	struct jt_user_record *user;
	struct jt_team_record *team;
	struct jt_member_record *member;
	struct jt_app_record *app;
	char *text;
	uint32_t *list;
	struct jt_id *token_id;
	_Atomic uint64_t *token_link, *token_ref;
	struct jt_hot_entry *hot;
	uint64_t instance, seed;
	int64_t epoch_s;
	struct jt_id store;
	char brand[JT_BRAND_MAX + 1];
	struct jt_policy policy; /* a copy of what the vocabulary says */
	dev_t device;            /* of the file, */
	ino_t inode;             /* to know whether another one stands at its path */
	void *reserved;          /* the address space that the mapping stands in */
	size_t reserved_size;
	bool filling;                /* the writer's, of a file that is filled from rows: each token comes once */
	_Atomic uint64_t moment;     /* when and with what all clocks were read last (view.c) */
	_Atomic uint64_t *moment_at; /* where that is: what a reader may change of a view */
	_Atomic bool punched;        /* retired, and its memory given back */
	struct jt_view *older;       /* whoever keeps views strings them together */
};

/* Nobody looks at `v` any more, though it stays mapped: two others have taken its place since. It makes room for one of those
 * that can be guarded against being cut shorter. NULL is taken. */
void jt_view_leave(struct jt_view *v);

enum jt_view_for { JT_VIEW_READ, JT_VIEW_WRITE };

/* Maps and checks an open table file; the descriptor is not needed afterwards. JT_MALFORMED: no table, or damaged, cut off,
 * of another machine's byte order; JT_NEWER_SCHEMA: of another version; JT_STALE: written before the last boot; JT_IO; JT_NOMEM,
 * also for more than JT_GUARDED_MAX at once. */
JT_MUST_USE enum jt_result jt_view_open(int fd, enum jt_view_for use, struct jt_view **out);
/* The same by path, following no link. JT_NOT_FOUND if there is no such file. */
JT_MUST_USE enum jt_result jt_view_open_path(const char *path, enum jt_view_for use, struct jt_view **out);
/* NULL is taken. Nobody may be reading. */
void jt_view_close(struct jt_view *v);
/* The slots of a section of slots. */
_Atomic uint32_t *jt_view_slots(const struct jt_view *v, enum jt_section section);
/* How large an element of a section is, bytes. */
size_t jt_section_element(enum jt_section section);
/* SHA-256 over a head (its `check` taken as zero) and `size` bytes of vocabulary. */
void jt_view_check(
	const struct jt_table_head *head, const void *vocabulary, size_t size, uint8_t check[JT_DIGEST_SIZE]);
/* The id of this boot of the kernel; all zero if it cannot be read: that matches no table. */
struct jt_id jt_boot_id(void);

/* Is the table's lease good at this moment? *now_s gets the second UTC. Both are the writer's word and CLOCK_BOOTTIME's: what
 * this process's wall clock says is of no matter (doc/formats/table.md "Time"). */
bool jt_view_fresh(const struct jt_view *v, int64_t *now_s);

/* The last change that is shown whole; 0 if what says so is damaged. */
static inline uint64_t jt_view_seq(const struct jt_view *v)
{
	uint64_t seq = atomic_load_explicit(&v->live->seq, memory_order_acquire);

	return jt_seal_is(seq) ? (uint64_t)jt_sealed(seq) : 0;
}

/* Between two ticks the coarse clock stands still: it names the moment. Never 0. */
static inline uint32_t jt_moment_tag(const struct timespec *t)
{
	return ((uint32_t)t->tv_sec * 0x9e3779b1U ^ (uint32_t)t->tv_nsec) | 1;
}

/* The shorter way alone: true if somebody asked in full in this very tick. False says nothing. */
static inline bool jt_view_fresh_at_once(const struct jt_view *v, int64_t *now_s)
{
	uint64_t moment = atomic_load_explicit(v->moment_at, memory_order_acquire);
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC_COARSE, &t) != 0 || (uint32_t)(moment >> 32) != jt_moment_tag(&t))
		return false;
	*now_s = v->epoch_s + (int64_t)(uint32_t)moment;
	return true;
}

#endif
