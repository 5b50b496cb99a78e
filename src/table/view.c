/* SPDX-License-Identifier: Apache-2.0 */
#include "table/view.h"

#include "base/clock.h"
#include "base/secret.h"
#include "table/guard.h"
#include "table/vocabulary.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define EPOCH_MAX (1LL << 40) /* so that sums with it are in range */
#define HUGE_PAGE ((size_t)2 << 20)
#define TICK_MAX_MS 20 /* what was found good stays so until the next tick: this much less */
#define BOOT_ID_FILE "/proc/sys/kernel/random/boot_id"

size_t jt_section_element(enum jt_section section)
{
	static const uint16_t size[JT_SECTION_COUNT] = {
#define JT_SECTION_SIZE(name, bytes) [JT_SECTION_##name] = (bytes),
		JT_SECTIONS(JT_SECTION_SIZE)
#undef JT_SECTION_SIZE
	};

	return size[section];
}

_Static_assert(sizeof(struct jt_org_record) == 32 && sizeof(struct jt_role_record) == 32, "as JT_SECTIONS says");
_Static_assert(sizeof(struct jt_set_record) == 320 && sizeof(struct jt_user_record) == 48, "as JT_SECTIONS says");
_Static_assert(sizeof(struct jt_team_record) == 32 && sizeof(struct jt_member_record) == 24, "as JT_SECTIONS says");
_Static_assert(sizeof(struct jt_app_record) == 24 && sizeof(struct jt_id) == 16, "as JT_SECTIONS says");

struct jt_id jt_boot_id(void)
{
	char text[JT_ID_TEXT_SIZE] = "";
	struct jt_id id = {{0}};
	int fd = open(BOOT_ID_FILE, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		(void)close(fd);
	if (n != (ssize_t)sizeof(text) - 1 || jt_id_parse(text, sizeof(text) - 1, &id) != JT_OK)
		return (struct jt_id){{0}};
	return id;
}

void jt_view_check(const struct jt_table_head *head, const void *vocabulary, size_t size, uint8_t check[JT_DIGEST_SIZE])
{
	struct jt_table_head bare = *head;
	struct sha256_ctx ctx;

	memset(bare.check, 0, sizeof(bare.check));
	sha256_init(&ctx);
	sha256_update(&ctx, sizeof(bare), (const uint8_t *)&bare);
	sha256_update(&ctx, size, vocabulary);
	sha256_digest(&ctx, JT_DIGEST_SIZE, check);
}

/* A mapping that begins on a huge page's boundary, so that huge pages can stand behind it. */
static enum jt_result map(struct jt_view *v, int fd, enum jt_view_for use)
{
	int protection = use == JT_VIEW_WRITE ? PROT_READ | PROT_WRITE : PROT_READ;
	uintptr_t start;
	void *at;

	v->reserved_size = v->size + HUGE_PAGE;
	v->reserved = mmap(NULL, v->reserved_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (v->reserved == MAP_FAILED) {
		v->reserved = NULL;
		return JT_NOMEM;
	}
	start = ((uintptr_t)v->reserved + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1);
	at = mmap((void *)start, v->size, protection, MAP_SHARED | MAP_FIXED, fd, 0);
	if (at == MAP_FAILED)
		return errno == ENOMEM ? JT_NOMEM : JT_IO;
	(void)madvise(at, v->size, MADV_HUGEPAGE); /* a help, where the kernel knows it */
	v->at = at;
	return jt_guard_add(v->at, v->size) ? JT_OK : JT_NOMEM;
}

/* Is every section inside the file, after the one before it, and as large as a table needs it? */
static bool spans_are_sound(const struct jt_table_head *head)
{
	uint64_t until = JT_TABLE_PAGE;

	for (unsigned s = 0; s < JT_SECTION_COUNT; s++) {
		const struct jt_table_span *span = &head->span[s];

		if (span->at % JT_TABLE_PAGE != 0 || span->at < until || span->at > head->size || span->room == 0 ||
			span->room >= UINT32_MAX ||
			span->room > (head->size - span->at) / jt_section_element((enum jt_section)s))
			return false;
		until = span->at + span->room * jt_section_element((enum jt_section)s);
	}
	return head->span[JT_SECTION_HOT].room % 2 == 0 &&
	       head->span[JT_SECTION_TOKEN_LINK].room == head->span[JT_SECTION_TOKEN_ID].room &&
	       head->span[JT_SECTION_TOKEN_REF].room == head->span[JT_SECTION_TOKEN_ID].room &&
	       head->vocabulary <= head->span[JT_SECTION_VOCABULARY].room && head->vocabulary <= JT_VOCABULARY_MAX;
}

static enum jt_result check_head(const struct jt_table_head *head, size_t size)
{
	struct jt_id boot = jt_boot_id();

	if (head->magic != JT_TABLE_MAGIC)
		return JT_MALFORMED;
	if (head->version != JT_TABLE_VERSION)
		return JT_NEWER_SCHEMA;
	if (head->layout != JT_TABLE_LAYOUT || head->size != size || head->epoch_s < -EPOCH_MAX ||
		head->epoch_s > EPOCH_MAX || !spans_are_sound(head))
		return JT_MALFORMED;
	return jt_id_is_none(&boot) || !jt_id_equal(&boot, &head->boot) ? JT_STALE : JT_OK;
}

/* From a copy: what was checked is what is used. */
static enum jt_result read_vocabulary(struct jt_view *v, const struct jt_table_head *head)
{
	uint8_t check[JT_DIGEST_SIZE];
	size_t size = head->vocabulary;
	uint8_t *copy = malloc(size > 0 ? size : 1);
	enum jt_result r = JT_OK;

	if (!copy)
		return JT_NOMEM;
	memcpy(copy, v->at + head->span[JT_SECTION_VOCABULARY].at, size);
	jt_view_check(head, copy, size, check);
	r = jt_secret_equal(check, sizeof(check), head->check, sizeof(head->check)) ? JT_OK : JT_MALFORMED;
	if (r == JT_OK && jt_vocabulary_read(copy, size, &v->policy, v->brand) != JT_OK)
		r = JT_MALFORMED;
	free(copy);
	return r;
}

static void *section(const struct jt_view *v, const struct jt_table_head *head, enum jt_section which)
{
	return v->at + head->span[which].at;
}

static void set_places(struct jt_view *v, const struct jt_table_head *head)
{
	for (unsigned s = 0; s < JT_SECTION_COUNT; s++) {
		v->room[s] = (uint32_t)head->span[s].room;
		v->start[s] = head->span[s].at;
	}
	v->live = (struct jt_table_live *)(void *)(v->at + JT_TABLE_LIVE_AT);
	v->org = section(v, head, JT_SECTION_ORG);
	v->role = section(v, head, JT_SECTION_ROLE);
	v->set = section(v, head, JT_SECTION_SET);
	v->user = section(v, head, JT_SECTION_USER);
	v->team = section(v, head, JT_SECTION_TEAM);
	v->member = section(v, head, JT_SECTION_MEMBER);
	v->app = section(v, head, JT_SECTION_APP);
	v->text = section(v, head, JT_SECTION_TEXT);
	v->list = section(v, head, JT_SECTION_LIST);
	v->token_id = section(v, head, JT_SECTION_TOKEN_ID);
	v->token_link = section(v, head, JT_SECTION_TOKEN_LINK);
	v->token_ref = section(v, head, JT_SECTION_TOKEN_REF);
	v->hot = section(v, head, JT_SECTION_HOT);
	v->lines = v->room[JT_SECTION_HOT] / 2;
	v->instance = head->instance;
	v->seed = head->seed;
	v->epoch_s = head->epoch_s;
	v->store = head->store;
}

_Atomic uint32_t *jt_view_slots(const struct jt_view *v, enum jt_section which)
{
	return (_Atomic uint32_t *)(void *)(v->at + v->start[which]);
}

static enum jt_result open_checked(int fd, enum jt_view_for use, struct jt_view *v)
{
	struct jt_table_head head;
	struct stat st;
	enum jt_result r = JT_OK;

	if (fstat(fd, &st) != 0)
		return JT_IO;
	if (!S_ISREG(st.st_mode) || st.st_size < JT_TABLE_PAGE)
		return JT_MALFORMED;
	v->size = (size_t)st.st_size;
	v->device = st.st_dev;
	v->inode = st.st_ino;
	r = map(v, fd, use);
	if (r != JT_OK)
		return r;
	memcpy(&head, v->at, sizeof(head));
	r = check_head(&head, v->size);
	if (r == JT_OK)
		r = read_vocabulary(v, &head);
	if (r == JT_OK)
		set_places(v, &head);
	return r;
}

enum jt_result jt_view_open(int fd, enum jt_view_for use, struct jt_view **out)
{
	struct jt_view *v = calloc(1, sizeof(*v));
	enum jt_result r = v ? open_checked(fd, use, v) : JT_NOMEM;

	if (v)
		v->moment_at = &v->moment;

	*out = NULL;
	if (r != JT_OK) {
		jt_view_close(v);
		return r;
	}
	*out = v;
	return JT_OK;
}

enum jt_result jt_view_open_path(const char *path, enum jt_view_for use, struct jt_view **out)
{
	int fd = open(path, (use == JT_VIEW_WRITE ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	enum jt_result r = JT_IO;

	*out = NULL;
	if (fd < 0)
		return errno == ENOENT ? JT_NOT_FOUND : JT_IO;
	r = jt_view_open(fd, use, out);
	(void)close(fd);
	return r;
}

void jt_view_leave(struct jt_view *v)
{
	if (v)
		jt_guard_drop(v->at);
}

void jt_view_close(struct jt_view *v)
{
	if (!v)
		return;
	if (v->at)
		jt_guard_drop(v->at);
	if (v->reserved)
		(void)munmap(v->reserved, v->reserved_size);
	free(v);
}

/* The longer way: by the clock that never steps and counts suspension. What comes of it holds until the next tick. */
static bool fresh_by_lease(const struct jt_view *v, int64_t *now_s)
{
	uint64_t was = atomic_load_explicit(v->moment_at, memory_order_relaxed);
	struct timespec tick;
	int failed = clock_gettime(CLOCK_MONOTONIC_COARSE, &tick); /* first: all that follows is no older than it */
	uint64_t until = atomic_load_explicit(&v->live->fresh_until, memory_order_acquire);
	uint64_t offset = atomic_load_explicit(&v->live->utc_minus_boot, memory_order_acquire);
	int64_t now_ms = jt_clock_mono_ns() / JT_NS_PER_MS;
	int64_t from_epoch;

	*now_s = (now_ms + jt_sealed(offset)) / 1000;
	if (!jt_seal_is(until) || !jt_seal_is(offset) || now_ms >= jt_sealed(until) - TICK_MAX_MS)
		return false;
	from_epoch = *now_s - v->epoch_s;
	/* If another thread was quicker, its word stands: time does not go back within a tick. */
	if (!failed && from_epoch >= 0 && from_epoch <= UINT32_MAX)
		(void)atomic_compare_exchange_strong_explicit(v->moment_at, &was,
			(uint64_t)jt_moment_tag(&tick) << 32 | (uint64_t)from_epoch, memory_order_release,
			memory_order_relaxed);
	return true;
}

bool jt_view_fresh(const struct jt_view *v, int64_t *now_s)
{
	return jt_view_fresh_at_once(v, now_s) || fresh_by_lease(v, now_s);
}
