/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_TABLE_TRACE_H
#define TEST_TABLE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Everything that a process does to the files of one directory, in order: every store into a shared mapping, as the processor
 * makes it, and every system call that changes a file or a name. While it is recorded each mapping is write-protected; a store
 * faults, is let through alone by the processor's trap flag, and what it changed is found by comparison with a copy. So no
 * store can escape, whoever's code makes it. A store of more than 8 bytes counts as several. A prefix of a trace is what a
 * process leaves that is killed there. x86-64; one thread; one recording at a time. */

#define NAMES 3 /* table, table.new, table.old */
#define FILES_MAX 24

enum event_kind {
	EVENT_STORE,
	EVENT_CREATE,
	EVENT_SIZE,
	EVENT_WRITE,
	EVENT_LINK,
	EVENT_RENAME,
	EVENT_UNLINK,
	EVENT_PUNCH
};

struct event {
	uint8_t kind, file; /* file: in order of creation */
	uint8_t name, to;   /* of NAMES */
	uint32_t size;      /* EVENT_WRITE: bytes; STORE: 8 */
	uint64_t at;        /* offset; EVENT_SIZE: the size */
	uint64_t what;      /* STORE: the 8 bytes; WRITE: where in trace.bytes */
};

struct trace {
	struct event *event;
	size_t events, room;
	uint8_t *bytes;
	size_t used, bytes_room;
};

/* Begins to record into `t`, which is emptied; `dir` holds no table yet. */
void trace_start(struct trace *t, const char *dir);
void trace_stop(void);
void trace_free(struct trace *t);

/* What a prefix left: files by number (0 bytes: none), and which file each name means (-1: none). */
struct image {
	uint8_t *file[FILES_MAX];
	size_t size[FILES_MAX];
	bool was_table[FILES_MAX]; /* had the name `table` at some time */
	int name[NAMES];
};

void image_start(struct image *i);
void image_free(struct image *i);
void image_apply(struct image *i, const struct trace *t, size_t event);

#endif
