/* SPDX-License-Identifier: Apache-2.0 */
#include "disk.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SECTOR 512
#define PATHS_MAX 16

struct content {
	uint8_t *bytes;
	uint64_t size, room;
};

/* What was asked of a file since its last sync. */
struct pending {
	struct pending *next;
	enum { WRITTEN, TRUNCATED } what;
	uint64_t offset; /* TRUNCATED: the new size */
	size_t size;
	uint8_t bytes[];
};

struct disk_file {
	struct content live, platter;
	struct pending *first, **last;
	unsigned references; /* openers, directory entries, entries on the platter, entries underway */
};

/* What a name has meant since the directory was last synced: a cut leaves one of these. */
struct name {
	char *path;
	struct disk_file *live, *platter;
	struct disk_file *history[32]; /* NULL: deleted */
	unsigned changes;
};

static struct name names[PATHS_MAX];
static uint64_t state = 1, operations, cut_at;
static bool off;

void disk_seed(uint64_t seed)
{
	state = seed * 0x9e3779b97f4a7c15u + 0x1234567;
	state = state ? state : 1;
}

uint64_t disk_random(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return below ? ((state * 0x2545f4914f6cdd1du) >> 11) % below : 0;
}

static void content_write(struct content *c, const void *from, size_t size, uint64_t offset)
{
	uint64_t end = offset + size;

	if (end > c->room) {
		c->room = end * 2 + 65536;
		c->bytes = realloc(c->bytes, c->room);
		assert(c->bytes);
	}
	if (offset > c->size)
		memset(c->bytes + c->size, 0, offset - c->size);
	memcpy(c->bytes + offset, from, size);
	c->size = end > c->size ? end : c->size;
}

static void content_truncate(struct content *c, uint64_t size)
{
	static const uint8_t zero;

	if (size > c->size)
		content_write(c, &zero, 1, size - 1);
	else
		c->size = size;
}

static void apply(struct content *c, const struct pending *p)
{
	if (p->what == WRITTEN)
		content_write(c, p->bytes, p->size, p->offset);
	else
		content_truncate(c, p->offset);
}

static void forget_pending(struct disk_file *f)
{
	while (f->first) {
		struct pending *p = f->first;

		f->first = p->next;
		free(p);
	}
	f->last = &f->first;
}

static struct disk_file *reference(struct disk_file *f)
{
	if (f)
		f->references++;
	return f;
}

static void release(struct disk_file *f)
{
	if (!f || --f->references > 0)
		return;
	forget_pending(f);
	free(f->live.bytes);
	free(f->platter.bytes);
	free(f);
}

static struct name *find(const char *path)
{
	for (unsigned i = 0; i < PATHS_MAX; i++) {
		if (names[i].path && strcmp(names[i].path, path) == 0)
			return &names[i];
	}
	return NULL;
}

static struct name *find_or_add(const char *path)
{
	struct name *n = find(path);

	for (unsigned i = 0; !n && i < PATHS_MAX; i++) {
		if (!names[i].path) {
			n = &names[i];
			n->path = strdup(path);
		}
	}
	assert(n && n->path);
	return n;
}

/* The directory's entry for this name becomes durable as it is: state `upto` of its history (0: the platter's). */
static void settle_name(struct name *n, unsigned upto)
{
	if (upto > 0) {
		release(n->platter);
		n->platter = reference(n->history[upto - 1]);
	}
	for (unsigned i = 0; i < n->changes; i++)
		release(n->history[i]);
	n->changes = 0;
}

static void set_name(struct name *n, struct disk_file *f)
{
	if (n->changes == sizeof(n->history) / sizeof(n->history[0]))
		settle_name(n, n->changes);
	n->history[n->changes++] = reference(f);
	release(n->live);
	n->live = reference(f);
}

static void tear(struct content *c, const struct pending *p, unsigned mood)
{
	size_t at = 0;

	while (at < p->size) {
		size_t room = SECTOR - (size_t)((p->offset + at) % SECTOR);
		size_t size = p->size - at < room ? p->size - at : room;
		uint64_t fate = disk_random(8);

		if (mood >= 5 && fate == 0)
			content_write(c, p->bytes + at, (size_t)disk_random(size) + 1, p->offset + at);
		else if (fate < 4)
			content_write(c, p->bytes + at, size, p->offset + at);
		at += size;
	}
}

/* Decides what of a file reached the platter. Moods: nothing, everything, the first few in order, a subset of the writes, a
 * subset of the sectors, the same with torn ones. */
static void lose(struct disk_file *f, unsigned mood)
{
	uint64_t stop = disk_random(64);

	for (const struct pending *p = f->first; p; p = p->next) {
		if (mood == 0 || (mood == 2 && stop-- == 0))
			break;
		if (mood <= 2 || (disk_random(2) == 0 && (mood == 3 || p->what == TRUNCATED)))
			apply(&f->platter, p);
		else if (mood >= 4 && p->what == WRITTEN)
			tear(&f->platter, p, mood);
		else if (p->what == WRITTEN && disk_random(4) == 0 && p->offset + p->size > f->platter.size)
			content_truncate(&f->platter, p->offset + p->size); /* the size came, the bytes did not */
	}
	forget_pending(f);
}

static void cut(void)
{
	off = true;
	for (unsigned i = 0; i < PATHS_MAX; i++) {
		struct name *n = &names[i];

		if (!n->path)
			continue;
		settle_name(n, (unsigned)disk_random(n->changes + 1));
		if (n->platter)
			lose(n->platter, (unsigned)disk_random(7));
	}
}

/* Counts an operation; true if the power goes off with it. */
static bool goes_off(void)
{
	operations++;
	if (operations != cut_at)
		return false;
	cut();
	return true;
}

void disk_cut_after(uint64_t n)
{
	cut_at = n ? operations + n : 0;
}

bool disk_is_cut(void)
{
	return off;
}

uint64_t disk_operations(void)
{
	return operations;
}

void disk_power_on(void)
{
	for (unsigned i = 0; i < PATHS_MAX; i++) {
		struct name *n = &names[i];

		if (!n->path)
			continue;
		if (!off)
			settle_name(n, n->changes);
		release(n->live);
		n->live = reference(n->platter);
		if (n->live && off) {
			n->live->live.size = 0;
			content_write(&n->live->live, n->platter->platter.bytes, n->platter->platter.size, 0);
		}
	}
	off = false;
	operations = 0;
	cut_at = 0;
}

void disk_format(void)
{
	for (unsigned i = 0; i < PATHS_MAX; i++) {
		settle_name(&names[i], 0);
		release(names[i].live);
		release(names[i].platter);
		free(names[i].path);
		memset(&names[i], 0, sizeof(names[i]));
	}
	off = false;
	operations = 0;
	cut_at = 0;
}

struct disk_file *disk_open(const char *path, enum disk_create create)
{
	struct name *n = find(path);
	struct disk_file *f = NULL;

	if (off)
		return NULL;
	if (n && n->live)
		return reference(n->live);
	if (create == DISK_MUST_EXIST)
		return NULL;
	f = calloc(1, sizeof(*f));
	assert(f);
	f->last = &f->first;
	f->references = 1;
	n = find_or_add(path);
	set_name(n, f);
	if (create == DISK_CREATE_SYNCED)
		settle_name(n, n->changes);
	return f;
}

void disk_close(struct disk_file *f)
{
	release(f);
}

bool disk_exists(const char *path)
{
	const struct name *n = find(path);

	return n && n->live;
}

bool disk_delete(const char *path, bool sync_directory)
{
	struct name *n = find(path);

	if (off)
		return false;
	if (n && n->live)
		set_name(n, NULL);
	if (goes_off())
		return false;
	if (n && sync_directory)
		settle_name(n, n->changes);
	return true;
}

bool disk_read(struct disk_file *f, void *to, size_t size, uint64_t offset, size_t *got)
{
	if (off)
		return false;
	*got = offset >= f->live.size ? 0 : f->live.size - offset < size ? (size_t)(f->live.size - offset) : size;
	if (*got > 0)
		memcpy(to, f->live.bytes + offset, *got);
	memset((uint8_t *)to + *got, 0, size - *got);
	return true;
}

static void note(struct disk_file *f, const struct pending *p, const void *bytes)
{
	struct pending *made = malloc(sizeof(*made) + p->size);

	assert(made);
	*made = *p;
	made->next = NULL;
	if (p->size > 0)
		memcpy(made->bytes, bytes, p->size);
	*f->last = made;
	f->last = &made->next;
	apply(&f->live, made);
}

bool disk_write(struct disk_file *f, const void *from, size_t size, uint64_t offset)
{
	if (off)
		return false;
	note(f, &(struct pending){.what = WRITTEN, .offset = offset, .size = size}, from);
	return !goes_off();
}

bool disk_truncate(struct disk_file *f, uint64_t size)
{
	if (off)
		return false;
	note(f, &(struct pending){.what = TRUNCATED, .offset = size}, NULL);
	return !goes_off();
}

bool disk_sync(struct disk_file *f, bool directory)
{
	if (off || goes_off())
		return false;
	for (const struct pending *p = f->first; p; p = p->next)
		apply(&f->platter, p);
	forget_pending(f);
	for (unsigned i = 0; directory && i < PATHS_MAX; i++)
		settle_name(&names[i], names[i].changes);
	return true;
}

uint64_t disk_size(const struct disk_file *f)
{
	return f->live.size;
}
