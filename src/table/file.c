/* SPDX-License-Identifier: Apache-2.0 */
#include "table/inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "table/vocabulary.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif

#define SMALLEST 64 /* of each kind of record, so that a small deployment does not grow at every step */
#define SMALLEST_TOKENS 1024
/* Thirty years: by so much the clock may be stepped back, and a token that is issued then still has an expiry that can be
 * written. What 32 bits count is long enough for the longest life there is beside it. */
#define EPOCH_MARGIN_S (30 * 365 * 86400LL)

/* Files come, take each other's place, and go. */

static uint64_t with_room(uint64_t count)
{
	return count + count / 16 + SMALLEST;
}

static uint64_t slots_for(uint64_t records)
{
	return records + records / 4 + SMALLEST;
}

static void set_room(struct jt_table_head *head, enum jt_section s, uint64_t room)
{
	head->span[s].room = room;
}

/* Entries of HOT are filled to 82 in a hundred, so that 7 in 8 are reached after a fifteenth more tokens: 79 bytes a token. */
static void choose_rooms(const struct jt_table_sizes *n, uint64_t vocabulary, struct jt_table_head *head)
{
	uint64_t tokens = n->tokens + n->tokens / 15 + SMALLEST_TOKENS;
	uint64_t values = tokens + n->overlaps + n->overlaps / 15;
	uint64_t roles = with_room(n->roles + n->roles / 4);

	set_room(head, JT_SECTION_VOCABULARY, vocabulary);
	set_room(head, JT_SECTION_ORG, with_room(n->orgs));
	set_room(head, JT_SECTION_ORG_SLOT, slots_for(with_room(n->orgs)));
	set_room(head, JT_SECTION_ROLE, roles);
	set_room(head, JT_SECTION_ROLE_SLOT, slots_for(roles));
	set_room(head, JT_SECTION_SET, 2 * roles); /* each change takes one more */
	set_room(head, JT_SECTION_USER, with_room(n->users));
	set_room(head, JT_SECTION_USER_SLOT, slots_for(with_room(n->users)));
	set_room(head, JT_SECTION_TEAM, with_room(n->teams));
	set_room(head, JT_SECTION_TEAM_SLOT, slots_for(with_room(n->teams)));
	set_room(head, JT_SECTION_MEMBER, with_room(n->members));
	set_room(head, JT_SECTION_MEMBER_SLOT, slots_for(with_room(n->members)));
	set_room(head, JT_SECTION_APP, with_room(n->apps));
	set_room(head, JT_SECTION_APP_SLOT, slots_for(with_room(n->apps)));
	set_room(head, JT_SECTION_TEXT, with_room(n->text) + (uint64_t)SMALLEST * JT_APP_NAME_MAX);
	set_room(head, JT_SECTION_LIST, with_room(n->teams_of_tokens) + 8 * SMALLEST);
	set_room(head, JT_SECTION_TOKEN_ID, tokens);
	set_room(head, JT_SECTION_TOKEN_LINK, tokens);
	set_room(head, JT_SECTION_TOKEN_REF, tokens);
	set_room(head, JT_SECTION_TOKEN_SLOT, tokens + tokens / 6 + SMALLEST);
	set_room(head, JT_SECTION_HOT, (values * 8 / 7 + 2 * SMALLEST) / 2 * 2);
}

/* Where each section is. JT_TOO_MUCH_WORK: more than 32 bits count. */
static enum jt_result choose_places(struct jt_table_head *head)
{
	uint64_t at = JT_TABLE_PAGE;

	for (unsigned s = 0; s < JT_SECTION_COUNT; s++) {
		uint64_t size = head->span[s].room * jt_section_element((enum jt_section)s);

		if (head->span[s].room >= UINT32_MAX)
			return JT_TOO_MUCH_WORK;
		head->span[s].at = at;
		at += (size + JT_TABLE_PAGE - 1) / JT_TABLE_PAGE * JT_TABLE_PAGE;
	}
	head->size = at;
	return JT_OK;
}

/* A new file of `size` bytes that are there for certain; nobody else can open it by its name yet. */
static enum jt_result new_file(const struct jt_table *t, uint64_t size, int *fd)
{
	struct statvfs fs;
	int failed = 0;

	/* Asked first: to take all that is there and give it back, each time, would take it from others. */
	if (t->path_new && statvfs(t->dir, &fs) == 0 && fs.f_blocks != 0 && size / fs.f_frsize >= fs.f_bavail)
		return JT_DISK_FULL;
	if (t->path_new) {
		(void)unlink(t->path_new);
		*fd = open(t->path_new, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
	} else {
		*fd = memfd_create("jeton-table", MFD_CLOEXEC);
	}
	if (*fd < 0)
		return errno == ENOSPC ? JT_DISK_FULL : JT_IO;
	failed = posix_fallocate(*fd, 0, (off_t)size);
	if (!failed)
		return JT_OK;
	(void)close(*fd);
	*fd = -1;
	if (t->path_new)
		(void)unlink(t->path_new);
	return failed == ENOSPC || failed == EFBIG ? JT_DISK_FULL : failed == ENOMEM ? JT_NOMEM : JT_IO;
}

/* Random, but the lower half counts on from the file before: what readers keep of a file is told from what they keep of others
 * by it, and must not be taken for a successor's by chance (jt_term_tag). */
static uint64_t new_instance(const struct jt_view *before)
{
	uint64_t instance = 0;

	jt_secret_random(&instance, sizeof(instance));
	return before ? (instance & ~(uint64_t)UINT32_MAX) | (uint32_t)(before->instance + 2) : instance;
}

static enum jt_result write_head(
	int fd, struct jt_table_head *head, const struct jt_table *t, const struct jt_buf *vocabulary)
{
	head->magic = JT_TABLE_MAGIC;
	head->version = JT_TABLE_VERSION;
	head->layout = JT_TABLE_LAYOUT;
	head->store = t->options.store;
	head->boot = jt_boot_id();
	head->epoch_s = jt_clock_s() - EPOCH_MARGIN_S;
	head->vocabulary = vocabulary->size;
	head->instance = new_instance(atomic_load(&t->view));
	jt_secret_random(&head->seed, sizeof(head->seed));
	jt_view_check(head, vocabulary->data, vocabulary->size, head->check);
	if (pwrite(fd, vocabulary->data, vocabulary->size, (off_t)head->span[JT_SECTION_VOCABULARY].at) !=
			(ssize_t)vocabulary->size ||
		pwrite(fd, head, sizeof(*head), 0) != (ssize_t)sizeof(*head))
		return JT_IO;
	return JT_OK;
}

static enum jt_result fill_new(struct jt_table *t, const struct jt_policy *policy, struct jt_table_head *head,
	const struct jt_buf *vocabulary, struct jt_view **out)
{
	int fd = -1;
	enum jt_result r = new_file(t, head->size, &fd);

	if (r != JT_OK)
		return r;
	r = write_head(fd, head, t, vocabulary);
	if (r == JT_OK)
		r = jt_view_open(fd, JT_VIEW_WRITE, out);
	(void)close(fd);
	if (r == JT_OK)
		(void)madvise((*out)->at, (*out)->size, MADV_COLLAPSE); /* huge pages, where the kernel can */
	for (unsigned i = 0; r == JT_OK && i < policy->role_count; i++)
		r = jt_put_managed(*out, &policy->role[i]);
	if (r != JT_OK)
		jt_table_discard(t, *out);
	return r;
}

enum jt_result jt_table_create(
	struct jt_table *t, const struct jt_policy *policy, const struct jt_table_sizes *sizes, struct jt_view **out)
{
	struct jt_table_head head = {0};
	struct jt_buf vocabulary = {0};
	enum jt_result r = jt_vocabulary_write(policy, t->brand, &vocabulary);

	*out = NULL;
	if (r == JT_OK) {
		choose_rooms(sizes, vocabulary.size, &head);
		r = choose_places(&head);
	}
	if (r == JT_OK)
		r = fill_new(t, policy, &head, &vocabulary, out);
	jt_buf_free(&vocabulary);
	return r;
}

void jt_table_discard(struct jt_table *t, struct jt_view *v)
{
	if (t->path_new)
		(void)unlink(t->path_new);
	jt_view_close(v);
}

/* A file of ours that nobody may believe any longer. Of whatever version or boot it is: magic and state stand where they stand
 * for ever, and readers of another version may have it open. Else than JT_OK: it is there, and somebody may go on believing it. */
static enum jt_result retire_path(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	void *page = MAP_FAILED;
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? JT_OK : JT_IO;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < JT_TABLE_PAGE) {
		(void)close(fd);
		return JT_OK; /* nobody believes it */
	}
	page = mmap(NULL, JT_TABLE_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	(void)close(fd);
	if (page == MAP_FAILED)
		return JT_NOMEM;
	if (*(const uint64_t *)page == JT_TABLE_MAGIC) {
		struct jt_table_live *live = (struct jt_table_live *)(void *)((uint8_t *)page + JT_TABLE_LIVE_AT);

		atomic_store_explicit(&live->state, JT_TABLE_RETIRED, memory_order_release);
	}
	(void)munmap(page, JT_TABLE_PAGE);
	return JT_OK;
}

/* The old file keeps a second name until it is retired, so that whoever is stopped in between finds and retires it. */
static enum jt_result take_path(struct jt_table *t)
{
	if (!t->path)
		return JT_OK;
	(void)unlink(t->path_old);
	if (link(t->path, t->path_old) != 0 && errno != ENOENT)
		return errno == ENOSPC ? JT_DISK_FULL : JT_IO;
	if (rename(t->path_new, t->path) != 0) {
		(void)unlink(t->path_old);
		return errno == ENOSPC ? JT_DISK_FULL : JT_IO;
	}
	return JT_OK;
}

enum jt_result jt_table_succeed(struct jt_table *t, struct jt_view *v)
{
	struct jt_view *old = atomic_load(&t->view);
	enum jt_result r = JT_OK;

	assert(!v->filling);
	atomic_store_explicit(&v->live->state, JT_TABLE_LIVES, memory_order_release);
	r = take_path(t);
	if (r != JT_OK)
		return r;
	jt_table_change_begins(t);
	atomic_store_explicit(&t->view, v, memory_order_release);
	jt_table_change_ends(t);
	if (old) {
		atomic_store_explicit(&old->live->state, JT_TABLE_RETIRED, memory_order_release);
		old->older = atomic_load(&t->retired);
		atomic_store(&t->retired, old);
		t->retired_ns = jt_clock_mono_ns();
		jt_view_leave(old->older);
	} else if (t->path) {
		r = retire_path(t->path_old); /* not one that we could go on with */
	}
	if (r != JT_OK) /* it keeps its name, to be found by the next start; nobody went on writing it */
		jt_log(JT_LOG_ERROR, "the table before this one cannot be retired", JT_LT("why", jt_result_text(r)));
	else if (t->path)
		(void)unlink(t->path_old);
	return JT_OK;
}

/* ---- the directory */

static void warn_of_disk(const char *dir)
{
	struct statfs fs;

	if (statfs(dir, &fs) == 0 && fs.f_type != TMPFS_MAGIC)
		jt_log(JT_LOG_WARN, "the table is not on tmpfs: it will be slower, and written to a disk for nothing",
			JT_LT("run", dir));
}

/* Somebody else's directory at a path that anybody may make (/dev/shm) would make us believe and write what is theirs. */
static enum jt_result check_owner(const char *dir, struct jt_why *why)
{
	struct stat st;

	if (lstat(dir, &st) != 0)
		return jt_why_say(why, JT_IO, "cannot look at %s: %s", dir, strerror(errno));
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH)))
		return jt_why_say(why, JT_IO, "%s must be a directory of this user's that nobody else may write", dir);
	return JT_OK;
}

static enum jt_result lock_dir(struct jt_table *t, struct jt_why *why)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char *path = NULL;
	enum jt_result r = JT_OK;

	if (mkdir(t->dir, 0750) != 0 && errno != EEXIST)
		return jt_why_say(why, JT_IO, "cannot make %s: %s", t->dir, strerror(errno));
	r = check_owner(t->dir, why);
	if (r != JT_OK)
		return r;
	if (asprintf(&path, "%s/lock", t->dir) < 0)
		return JT_NOMEM;
	t->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (t->lock_fd < 0)
		r = jt_why_say(why, JT_IO, "cannot open %s: %s", path, strerror(errno));
	else if (fcntl(t->lock_fd, F_OFD_SETLK, &lock) != 0)
		r = jt_why_say(why, JT_LOCKED, "another server keeps its table in %s: give this one its own --run DIR",
			t->dir);
	free(path);
	return r;
}

/* A sound file of this database and this vocabulary is gone on with: the follower brings it up to date. One that is poisoned
 * stays so, but it knows which values were put to death for their age, and so its successor will. */
static void take_what_is_there(struct jt_table *t)
{
	struct jt_view *v = NULL;
	uint64_t state = 0;

	if (jt_view_open_path(t->path, JT_VIEW_WRITE, &v) != JT_OK)
		return;
	state = atomic_load(&v->live->state);
	if (!jt_id_equal(&v->store, &t->options.store) || strcmp(v->brand, t->brand) != 0 ||
		(state != JT_TABLE_LIVES && state != JT_TABLE_POISONED)) {
		jt_view_close(v);
		return;
	}
	/* So that a clock that was stepped back while nobody was here is noticed, too. */
	if (jt_seal_is(atomic_load(&v->live->utc_minus_boot)))
		t->utc_minus_boot_ns = jt_sealed(atomic_load(&v->live->utc_minus_boot)) * JT_NS_PER_MS;
	jt_moves_on(v); /* for a store whose writer was stopped before it was counted */
	atomic_store(&t->view, v);
}

/* What a writer that was stopped while a successor took the path has left. Before the second name led to another file than the
 * first there was no successor: the file goes on. */
static enum jt_result clear_names(struct jt_table *t)
{
	struct stat now, old;
	enum jt_result r = JT_OK;

	(void)unlink(t->path_new);
	if (lstat(t->path_old, &old) != 0)
		return errno == ENOENT ? JT_OK : JT_IO;
	if (lstat(t->path, &now) != 0 || now.st_dev != old.st_dev || now.st_ino != old.st_ino)
		r = retire_path(t->path_old);
	if (r == JT_OK && unlink(t->path_old) != 0)
		r = JT_IO;
	return r;
}

enum jt_result jt_table_attach(struct jt_table *t, struct jt_why *why)
{
	enum jt_result r = JT_OK;

	if (asprintf(&t->path, "%s/" JT_TABLE_FILE, t->dir) < 0)
		t->path = NULL;
	if (asprintf(&t->path_new, "%s/" JT_TABLE_FILE ".new", t->dir) < 0)
		t->path_new = NULL;
	if (asprintf(&t->path_old, "%s/" JT_TABLE_FILE ".old", t->dir) < 0)
		t->path_old = NULL;
	if (!t->path || !t->path_new || !t->path_old)
		return JT_NOMEM;
	r = lock_dir(t, why);
	if (r != JT_OK)
		return r;
	warn_of_disk(t->dir);
	r = clear_names(t);
	if (r != JT_OK)
		return jt_why_say(why, r, "cannot put %s to rest: %s", t->path_old, strerror(errno));
	take_what_is_there(t);
	return JT_OK;
}
