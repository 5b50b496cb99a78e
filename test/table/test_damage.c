/* SPDX-License-Identifier: Apache-2.0 */
#include "fake.h"
#include "world.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "table/find.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Goal: whatever has happened to the bytes of a table, a reader never lets in what it would have refused, never says that a token
 * is another than it is, never crashes and never reads beyond it. Each byte of a table is changed once; JETON_TABLE_DAMAGES (100,000) times several at once. */

#define STEPS 90
#define SEED 46 /* somebody is let in in part, something has expired */

static char dir[100], path[140];
static struct world world;
static uint8_t *file; /* the table, written to from here as nobody may */
static size_t size;
static struct answers truth;
static unsigned long asked, wrong;
static unsigned points;

static void make_table(void)
{
	struct jt_table *t = NULL;
	struct change c;

	(void)snprintf(dir, sizeof(dir), "/dev/shm/jeton-damage-XXXXXX");
	MUST(mkdtemp(dir) != NULL && chmod(dir, 0750) == 0);
	(void)snprintf(path, sizeof(path), "%s/table", dir);
	t = world_table(dir);
	for (unsigned i = 0; i < STEPS; i++) {
		world_step(&world, SEED, i, &c);
		if (i == 0)
			world_rebuild(t, &world, 1);
		if (c.what == CHANGE_ROWS)
			world_tell(t, &world, c.key, c.keys);
		jt_table_show(t, i + 2, world_nonce(i + 2));
	}
	jt_table_renew(t, fake_boot_ns);
	jt_table_free(t);
}

static void map_table(void)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	struct stat st;

	MUST(fd >= 0 && fstat(fd, &st) == 0);
	size = (size_t)st.st_size;
	file = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	MUST(file != MAP_FAILED && close(fd) == 0);
}

static void remove_all(void)
{
	char lock[140];

	(void)snprintf(lock, sizeof(lock), "%s/lock", dir);
	(void)munmap(file, size);
	MUST(unlink(path) == 0 && unlink(lock) == 0 && rmdir(dir) == 0);
}

static bool lets_in(uint8_t said)
{
	return said == JETON_ALLOWED || said == JETON_PARTIAL;
}

/* Wider than the truth? In full where it was in part, or at all where it was not. */
static bool is_wider(uint8_t said, uint8_t true_said)
{
	return lets_in(said) && said != true_said && true_said != JETON_ALLOWED;
}

static bool judge(struct asker *a, const char *what, size_t at, unsigned with)
{
	struct answers got;
	unsigned before = (unsigned)(wrong > 0);

	asker_forget(a);
	fake_later(0);
	asker_ask(a, &world, &got);
	asked++;
	for (unsigned q = 0; q < QUESTIONS; q++) {
		if (!is_wider(got.said[q], truth.said[q]))
			continue;
		if (wrong++ < 20)
			(void)fprintf(stderr, "# %s at %zu (%#x): %s: %u, in truth %u\n", what, at, with,
				asker_question(q), got.said[q], truth.said[q]);
	}
	if (asker_is_misled(a, &world) && wrong++ < 20)
		(void)fprintf(stderr, "# %s at %zu (%#x): somebody is said to be somebody else\n", what, at, with);
	return before == (unsigned)(wrong > 0);
}

static void point(bool good, const char *text)
{
	(void)printf(
		"%s %u - %s (%lu, %lu wrong)\n", good && wrong == 0 ? "ok" : "not ok", ++points, text, asked, wrong);
	(void)fflush(stdout);
	asked = wrong = 0;
}

/* ---- bytes */

static void each_byte(struct asker *a)
{
	for (size_t at = 0; at < size; at++) {
		uint8_t was = file[at], with = (uint8_t)(1 + chance(&fake_chance) % 255);

		file[at] = was ^ with;
		(void)judge(a, "a byte changed", at, with);
		file[at] = was;
	}
	point(true, "each byte changed once, under a reader");
}

/* Which bytes have been written to at all. */
static bool is_used(size_t at)
{
	size_t line = at & ~(size_t)63;

	for (size_t i = 0; i < 64; i++) {
		if (file[line + i])
			return true;
	}
	return false;
}

static void several_bytes(struct asker *a, unsigned long times)
{
	for (unsigned long n = 0; n < times; n++) {
		size_t place[16], spread = chance(&fake_chance) % 2 ? 64 : size;
		size_t begin = chance(&fake_chance) % (size - 64), count = 2 + chance(&fake_chance) % 15;
		uint8_t was[16];

		while (!is_used(begin))
			begin = chance(&fake_chance) % (size - 64);
		for (size_t i = 0; i < count; i++) {
			place[i] = spread == size ? chance(&fake_chance) % size : begin + chance(&fake_chance) % spread;
			was[i] = file[place[i]];
			file[place[i]] = (uint8_t)chance(&fake_chance);
		}
		(void)judge(a, "several bytes changed", begin, (unsigned)count);
		for (size_t i = count; i > 0; i--)
			file[place[i - 1]] = was[i - 1];
	}
	point(true, "several bytes at once, under a reader");
}

/* The writer goes on over the damage: what it writes of people says nothing about the values that it leaves as they are. */
static void told_again(struct asker *a)
{
	const struct jt_table_head *head = (const void *)file;
	struct world_key key[ORGS * (USERS + 1)];
	struct jt_table *t = world_table(dir);
	uint8_t *kept = malloc(size);
	unsigned keys = 0;

	MUST(kept != NULL && jt_table_stands(t));
	memcpy(kept, file, size);
	for (unsigned org = 0; org < ORGS; org++) {
		key[keys++] = (struct world_key){.noun = KEY_ORG, .org = org};
		for (unsigned user = 0; user < USERS; user++)
			key[keys++] = (struct world_key){.noun = KEY_USER, .org = org, .a = user};
	}
	for (size_t at = head->span[JT_SECTION_ORG].at; at < size; at++) {
		uint8_t with = (uint8_t)(1 + chance(&fake_chance) % 255);

		if (!is_used(at))
			continue;
		file[at] ^= with;
		world_tell(t, &world, key, keys);
		(void)judge(a, "a byte changed, then people told", at, with);
		memcpy(file, kept, size);
	}
	jt_table_free(t);
	free(kept);
	point(true, "each byte changed once, then the writer told of people");
}

/* What goes on, each byte in every way, while nothing may be let in. */
static void each_way(struct asker *a, enum which which, const char *what)
{
	for (size_t at = JT_TABLE_LIVE_AT; at < JT_TABLE_LIVE_AT + sizeof(struct jt_table_live); at++) {
		uint8_t was = file[at];

		for (unsigned with = 1; with < 256; with++) {
			file[at] = was ^ (uint8_t)with;
			asked++;
			if (!lets_in((uint8_t)asker_one(a, which)))
				continue;
			if (wrong++ < 20)
				(void)fprintf(stderr, "# %s: byte %zu (%#x) lets in\n", what, at, with);
		}
		file[at] = was;
	}
	point(true, what);
}

static struct jt_table_live *live(void)
{
	return (struct jt_table_live *)(void *)(file + JT_TABLE_LIVE_AT);
}

static void what_goes_on(struct asker *a)
{
	const int64_t was_ns = fake_boot_ns;

	fake_moves = true;
	MUST(asker_one(a, LET_IN) == JETON_ALLOWED && asker_one(a, EXPIRED) == JETON_INVALID);
	each_way(a, EXPIRED, "each byte of what goes on in every way, for a value that has expired");
	/* The writer spoke so long ago that each byte of the times in turn is the one that counts. */
	for (unsigned n = 17; n < 33; n += 3) {
		fake_boot_ns = was_ns + (1LL << n) * JT_NS_PER_S + 100001 * JT_NS_PER_S;
		MUST(asker_one(a, LET_IN) == JETON_UNAVAILABLE);
		each_way(a, LET_IN, "each byte of what goes on in every way, past the lease");
	}
	fake_boot_ns = was_ns;
	atomic_store(&live()->state, JT_TABLE_RETIRED);
	each_way(a, LET_IN, "each byte of what goes on in every way, retired");
	atomic_store(&live()->state, JT_TABLE_POISONED);
	each_way(a, LET_IN, "each byte of what goes on in every way, poisoned");
	atomic_store(&live()->state, JT_TABLE_LIVES);
	asker_demand(a, STEPS + 2);
	MUST(asker_one(a, LET_IN) == JETON_BEHIND);
	each_way(a, LET_IN, "each byte of what goes on in every way, behind what is demanded");
	asker_demand(a, 0);
	fake_moves = false;
}

/* ---- files that are opened */

static enum jeton_result open_it(void)
{
	struct jeton *j = NULL;
	enum jeton_result r = jeton_open(path, &j);

	jeton_close(j);
	return r;
}

/* The head's sum made right again, as nobody would by accident. */
static void sum_up(void)
{
	struct jt_table_head head;

	memcpy(&head, file, sizeof(head));
	jt_view_check(&head, file + JT_TABLE_PAGE, head.vocabulary < size / 2 ? head.vocabulary : 0, head.check);
	memcpy(file, &head, sizeof(head));
}

static void bad_heads(void)
{
	struct jt_table_head *head = (struct jt_table_head *)(void *)file;
	struct jt_table_head kept = *head;
	const size_t vocabulary = (size_t)head->span[JT_SECTION_VOCABULARY].at, until = vocabulary + head->vocabulary;

	for (size_t at = 0; at < until; at = at + 1 == sizeof(kept) ? vocabulary : at + 1) {
		file[at] ^= 0x10;
		asked++;
		wrong += open_it() != JETON_BAD_TABLE;
		file[at] ^= 0x10;
	}
	point(true, "each byte of head and vocabulary changed once, before it is opened");
#define REFUSED(change) \
	do { \
		change; \
		sum_up(); \
		asked++; \
		if (open_it() != JETON_BAD_TABLE && ++wrong) \
			(void)fprintf(stderr, "# is opened: %s\n", #change); \
		*head = kept; \
	} while (0)
	REFUSED(head->magic++);
	REFUSED(head->version++);
	REFUSED(head->version--);
	REFUSED(head->layout = 0x04030201);
	REFUSED(head->boot.b[15]++);
	REFUSED(memset(&head->boot, 0, sizeof(head->boot)));
	REFUSED(head->size++);
	REFUSED(head->size -= JT_TABLE_PAGE);
	REFUSED(head->vocabulary = head->span[JT_SECTION_VOCABULARY].room + 1);
	REFUSED(head->vocabulary = 0);
	REFUSED(head->vocabulary--);
	REFUSED(head->epoch_s = INT64_MAX - 5);
	REFUSED(head->epoch_s = INT64_MIN + 5);
	REFUSED(head->span[JT_SECTION_HOT].room--);
	REFUSED(head->span[JT_SECTION_TOKEN_REF].room--);
	for (unsigned s = 0; s < JT_SECTION_COUNT; s++) {
		struct jt_table_span *span = &head->span[s];

		REFUSED(span->at = 0);
		REFUSED(span->at++);
		REFUSED(span->at = head->size);
		REFUSED(span->at = UINT64_MAX - 4095);
		REFUSED(span->room = 0);
		REFUSED(span->room = UINT32_MAX);
		REFUSED(span->room = UINT64_MAX / jt_section_element((enum jt_section)s) - 1);
		REFUSED(span->room = (head->size - span->at) / jt_section_element((enum jt_section)s) + 1);
		REFUSED(span->at = s ? head->span[s - 1].at : head->span[s + 1].at);
		REFUSED(span->at = s + 1 < JT_SECTION_COUNT ? head->span[s + 1].at : JT_TABLE_PAGE);
	}
	sum_up();
	MUST(open_it() == JETON_ALLOWED);
	point(true, "heads that say what cannot be, with a right sum");
}

/* A vocabulary that is damaged though its sum is right: who wrote that could have written anything. It must do no harm. */
static void bad_vocabularies(void)
{
	const struct jt_table_head *head = (const void *)file;
	uint8_t *words = file + head->span[JT_SECTION_VOCABULARY].at;
	uint8_t *kept = malloc(head->vocabulary);
	struct answers got;
	unsigned opened = 0;

	MUST(kept != NULL);
	memcpy(kept, words, head->vocabulary);
	for (unsigned n = 0; n < 2000; n++) {
		struct asker *a = NULL;

		for (unsigned i = chance(&fake_chance) % 4; i < 4; i++)
			words[chance(&fake_chance) % head->vocabulary] = (uint8_t)chance(&fake_chance);
		sum_up();
		a = asker_new(path);
		if (a && opened++ < 300)
			asker_ask(a, &world, &got);
		asker_free(a);
		asked++;
		memcpy(words, kept, head->vocabulary);
	}
	sum_up();
	free(kept);
	point(opened > 0 && opened < 2000, "vocabularies damaged at random, with a right sum");
}

static void cut_and_empty(void)
{
	uint8_t *kept = malloc(size);

	MUST(kept != NULL);
	memcpy(kept, file, size);
	(void)munmap(file, size);
	for (size_t n = 0; n < size / JT_TABLE_PAGE + 2000; n++) {
		size_t cut = n < size / JT_TABLE_PAGE ? n * JT_TABLE_PAGE : chance(&fake_chance) % size;

		MUST(truncate(path, (off_t)cut) == 0);
		asked++;
		wrong += open_it() != JETON_BAD_TABLE;
	}
	MUST(truncate(path, 0) == 0 && truncate(path, (off_t)size) == 0);
	asked++;
	wrong += open_it() != JETON_BAD_TABLE; /* zeros */
	MUST(truncate(path, (off_t)size + JT_TABLE_PAGE) == 0);
	map_table();
	memcpy(file, kept, size - JT_TABLE_PAGE);
	asked++;
	wrong += open_it() != JETON_BAD_TABLE; /* longer than it says */
	(void)munmap(file, size);
	MUST(truncate(path, (off_t)size - JT_TABLE_PAGE) == 0);
	map_table();
	memcpy(file, kept, size);
	free(kept);
	MUST(open_it() == JETON_ALLOWED);
	point(true, "cut off at each page and anywhere, zeroed, too long");
}

static void zero_pages(struct asker *a)
{
	uint8_t kept[JT_TABLE_PAGE];

	for (size_t at = 0; at < size; at += JT_TABLE_PAGE) {
		memcpy(kept, file + at, sizeof(kept));
		memset(file + at, 0, sizeof(kept));
		(void)judge(a, "a page of zeros", at, 0);
		for (size_t i = 0; i < sizeof(kept); i++)
			file[at + i] = (uint8_t)chance(&fake_chance);
		(void)judge(a, "a page of anything", at, 0);
		memcpy(file + at, kept, sizeof(kept));
	}
	point(true, "each page of zeros, and of anything, under a reader");
}

/* ---- names of apps: the one damaged name must not be found under another */

static void two_letters(struct asker *a)
{
	static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	const struct jt_table_head *head = (const void *)file;
	char *text = (char *)file + head->span[JT_SECTION_TEXT].at;

	for (size_t at = 1; text[at + 1]; at++) {
		const char was[2] = {text[at], text[at + 1]};

		for (unsigned n = 0; n < 36 * 36; n++) {
			text[at] = letters[n % 36];
			text[at + 1] = letters[n / 36];
			asked++;
			if (asker_finds_misnamed(a, text, 256) && wrong++ < 20)
				(void)fprintf(stderr, "# an app is found under a damaged name: byte %zu, %.2s\n", at,
					text + at);
		}
		memcpy(text + at, was, 2);
	}
	point(true, "any two letters of an app's name");
}

int main(void)
{
	unsigned long damages =
		getenv("JETON_TABLE_DAMAGES") ? strtoul(getenv("JETON_TABLE_DAMAGES"), NULL, 10) : 100000;
	struct asker *a = NULL;
	unsigned allowed = 0, partial = 0;

	jt_log_setup(JT_LOG_ERROR, JT_LOG_LOGFMT);
	MUST(jt_secret_start() == JT_OK);
	world_start();
	make_table();
	map_table();
	a = asker_new(path);
	MUST(a != NULL);
	asker_ask(a, &world, &truth);
	for (unsigned q = 0; q < QUESTIONS; q++) {
		allowed += truth.said[q] == JETON_ALLOWED;
		partial += truth.said[q] == JETON_PARTIAL;
	}
	MUST(asker_has(a, EXPIRED) && !asker_is_misled(a, &world));
	MUST(allowed > 40 && partial > 0 && allowed < world.made * 8);
	each_byte(a);
	told_again(a);
	zero_pages(a);
	several_bytes(a, damages);
	two_letters(a);
	what_goes_on(a);
	asker_free(a);
	bad_heads();
	bad_vocabularies();
	cut_and_empty();
	remove_all();
	world_end();
	(void)printf("1..%u\n", points);
	return 0;
}
