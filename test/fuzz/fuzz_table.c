/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "../table/world.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "table/view.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A good table, damaged, opened and asked everything. The first byte says whether the head's sum is made right again (1) and
 * whether the damage is done under the reader (2); then steps of 6 bytes: a section (or the head, or what goes on), where in it,
 * how, and with what. Never a crash; and one changed byte never lets in whom the table did not. */

#define STEPS 90
#define SEED 46
#define STEP 6

static char dir[64], path[96];
static struct world world;
static struct answers truth;
static uint8_t *good, *bad;
static size_t size;

static void clean(void)
{
	char lock[96];

	(void)snprintf(lock, sizeof(lock), "%s/lock", dir);
	(void)unlink(path);
	(void)unlink(lock);
	(void)rmdir(dir);
}

static void make(void)
{
	struct jt_table *t = NULL;
	struct asker *a = NULL;
	struct change c;
	struct stat st;
	int fd;

	jt_log_setup(JT_LOG_ERROR, JT_LOG_LOGFMT);
	MUST(jt_secret_start() == JT_OK);
	world_start();
	(void)snprintf(dir, sizeof(dir), "/dev/shm/jeton-fuzz-XXXXXX");
	MUST(mkdtemp(dir) != NULL && chmod(dir, 0750) == 0);
	(void)snprintf(path, sizeof(path), "%s/table", dir);
	(void)atexit(clean);
	t = world_table(dir);
	for (unsigned i = 0; i < STEPS; i++) {
		world_step(&world, SEED, i, &c);
		if (i == 0)
			world_rebuild(t, &world, 1);
		if (c.what == CHANGE_ROWS)
			world_tell(t, &world, c.key, c.keys);
	}
	jt_table_renew(t, jt_clock_mono_ns());
	jt_table_free(t);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	MUST(fd >= 0 && fstat(fd, &st) == 0);
	size = (size_t)st.st_size;
	good = malloc(size);
	bad = malloc(size);
	MUST(good && bad && read(fd, good, size) == (ssize_t)size && close(fd) == 0);
	a = asker_new(path);
	MUST(a != NULL);
	asker_ask(a, &world, &truth);
	asker_free(a);
}

/* Where a step goes: sections first, then the head, then what goes on. */
static uint8_t *place(uint8_t which, uint16_t where)
{
	const struct jt_table_head *head = (const void *)good;
	unsigned s = which % (JT_SECTION_COUNT + 2);

	if (s == JT_SECTION_COUNT)
		return bad + where % sizeof(struct jt_table_head);
	if (s > JT_SECTION_COUNT)
		return bad + JT_TABLE_LIVE_AT + where % sizeof(struct jt_table_live);
	return bad + head->span[s].at + where % (head->span[s].room * jt_section_element((enum jt_section)s));
}

static void damage(const uint8_t *step)
{
	uint16_t where = 0;
	uint8_t *at = NULL;

	memcpy(&where, step + 1, sizeof(where));
	at = place(step[0], where);
	switch (step[3] % 4) {
	case 0:
		*at ^= step[4];
		break;
	case 1:
		*at = step[4];
		break;
	case 2: /* a whole word, as somebody would who knows what it means */
		memset((uint8_t *)((uintptr_t)at & ~(uintptr_t)3), step[4], 4);
		break;
	default: /* a pair of some element */
		at = (uint8_t *)((uintptr_t)at & ~(uintptr_t)7);
		for (unsigned i = 0; i < 4; i++) {
			at[i] = i == 0 ? step[4] : i == 1 ? step[5] : 0;
			at[i + 4] = (uint8_t)~at[i];
		}
	}
}

static void write_bad(size_t length)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	MUST(fd >= 0 && ftruncate(fd, (off_t)length) == 0 && pwrite(fd, bad, length, 0) == (ssize_t)length &&
		close(fd) == 0);
}

static void sum_up(void)
{
	struct jt_table_head head;

	memcpy(&head, bad, sizeof(head));
	jt_view_check(&head, bad + JT_TABLE_PAGE, head.vocabulary < size / 2 ? head.vocabulary : 0, head.check);
	memcpy(bad, &head, sizeof(head));
}

static void promise(const struct answers *got)
{
	for (unsigned q = 0; q < QUESTIONS; q++) {
		if ((got->said[q] == JETON_ALLOWED || got->said[q] == JETON_PARTIAL) && got->said[q] != truth.said[q] &&
			truth.said[q] != JETON_ALLOWED)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t count)
{
	struct answers got;
	struct asker *a = NULL;

	if (!good)
		make();
	if (count == 0)
		return 0;
	memcpy(bad, good, size);
	if (data[0] & 2) {
		write_bad(size);
		a = asker_new(path);
		MUST(a != NULL);
	}
	for (size_t at = 1; at + STEP <= count; at += STEP)
		damage(data + at);
	if (data[0] & 1)
		sum_up();
	write_bad(size);
	if (!a)
		a = asker_new(path);
	if (!a)
		return 0;
	asker_forget(a);
	asker_ask(a, &world, &got);
	asker_more(a, &world);
	if (count == 1 + STEP && data[1 + 3] % 4 < 2 && !(data[0] & 1))
		promise(&got);
	asker_free(a);
	return 0;
}
