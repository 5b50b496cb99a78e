/* SPDX-License-Identifier: Apache-2.0 */
#include "fake.h"
#include "trace.h"
#include "world.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "table/find.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Goal: a writer that is killed at any store, or between any two system calls, leaves a table from which no reader, old or new,
 * ever gets another answer than the truth before or after the change in hand, or a refusal to answer; and the next writer,
 * told what the database says by then, ends in a table that answers exactly as one that was built from nothing. Of several
 * changes that are told at once the states in between are not known: then no reader is ever granted what was granted neither
 * before the first nor after the last.
 *
 * One script is stopped at every store once, one of changes told together as well, and one in which the random ones found
 * something once; then random scripts at JETON_TABLE_KILLS random ones (10,000). */

#define STEPS_MAX 160
#define TOGETHER_MAX 12 /* changes that are told at once; */
#define JOINED_MAX 8    /* of them by the writer that is killed */
#define SCRIPT_SEED 56  /* every sort of change is in this one */
#define SORTS 23
#define FOUND_SEED 16748685 /* an org is given to somebody who is confined to teams */
#define TICK_NS 1100000     /* more than JT_FOLLOW_AGAIN_NS */

struct play {
	struct trace trace;
	unsigned steps;
	struct world world[STEPS_MAX + 1];
	struct change change[STEPS_MAX];
	bool joined[STEPS_MAX]; /* told together with the next */
	size_t end[STEPS_MAX];  /* events before the end of a change */
	size_t first;           /* events before the first change */
	struct answers said[STEPS_MAX + 1];
	uint64_t shown[STEPS_MAX + 1];
	uint64_t seed;
};

static struct play play;
static char base[100];
static unsigned long kills, wrong;

/* ---- files */

static const char *const names[NAMES] = {"table", "table.new", "table.old"};

static const char *path_of(const char *dir, const char *name)
{
	static char path[2][256];
	static unsigned turn;

	turn = !turn;
	(void)snprintf(path[turn], sizeof(path[turn]), "%s/%s/%s", base, dir, name);
	return path[turn];
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void empty_dir(const char *dir)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", base, dir);
	(void)nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	MUST(mkdir(path, 0750) == 0);
}

static void clear_left(void)
{
	for (int n = 0; n < NAMES; n++)
		(void)unlink(path_of("left", names[n]));
}

/* ---- the script */

/* The last of those that are told together with this one. */
static unsigned last_of(unsigned step)
{
	while (play.joined[step])
		step++;
	return step;
}

/* All that changed from one step to another, as the last of them left it. */
static void tell(struct jt_table *t, unsigned from, unsigned last)
{
	struct world_key key[KEYS_MAX * TOGETHER_MAX];
	unsigned keys = 0;

	MUST(last - from < TOGETHER_MAX);
	for (unsigned i = from; i <= last; i++) {
		memcpy(key + keys, play.change[i].key, play.change[i].keys * sizeof(*key));
		keys += play.change[i].keys;
	}
	world_tell(t, &play.world[last + 1], key, keys);
}

static void do_change(struct jt_table **t, const char *dir, unsigned step, unsigned last)
{
	const struct change *c = &play.change[step];
	const struct world *w = &play.world[step + 1];
	const struct jt_table_sizes many = {.tokens = 600 * (1 + step % 3), .users = 100};

	switch (c->what) {
	case CHANGE_ROWS:
		tell(*t, step, last);
		break;
	case CHANGE_GROW:
		MUST(jt_table_reserve(*t, &many) == JT_OK);
		break;
	case CHANGE_POISON:
		jt_table_poison(*t);
		world_rebuild(*t, w, step + 2);
		break;
	case CHANGE_REBUILD:
		world_rebuild(*t, w, step + 2);
		break;
	case CHANGE_RENEW:
		break;
	case CHANGE_RESTART:
		jt_table_free(*t);
		*t = world_table(dir);
		MUST(jt_table_stands(*t));
		break;
	}
	jt_table_renew(*t, fake_boot_ns);
	jt_table_show(*t, last + 2, world_nonce(last + 2));
	fake_boot_ns += 4 * JT_NS_PER_S; /* so that retired files are given back now and then */
}

/* One in `together` of the changes is told with the one before it; 0: none. */
static void join_some(uint64_t seed, unsigned together)
{
	unsigned run = 1;

	memset(play.joined, 0, sizeof(play.joined));
	for (unsigned i = 0; together && i + 1 < play.steps; i++) {
		play.joined[i] = play.change[i].what == CHANGE_ROWS && play.change[i + 1].what == CHANGE_ROWS &&
				 run < JOINED_MAX && chance(&seed) % together != 0;
		run = play.joined[i] ? run + 1 : 1;
	}
}

static void write_play(uint64_t seed, unsigned steps, unsigned together)
{
	struct jt_table *t = NULL;
	char dir[256];

	(void)snprintf(dir, sizeof(dir), "%s/writer", base);
	empty_dir("writer");
	play.seed = seed;
	play.steps = steps;
	fake_chance = seed;
	memset(&play.world[0], 0, sizeof(play.world[0]));
	memset(play.world[0].member, -1, sizeof(play.world[0].member));
	for (unsigned i = 0; i < steps; i++) {
		play.world[i + 1] = play.world[i];
		world_step(&play.world[i + 1], seed, i, &play.change[i]);
	}
	join_some(seed, together);
	trace_start(&play.trace, dir);
	t = world_table(dir);
	world_rebuild(t, &play.world[0], 1);
	jt_table_renew(t, fake_boot_ns);
	play.first = play.trace.events;
	for (unsigned i = 0; i < steps;) {
		unsigned last = last_of(i);

		do_change(&t, dir, i, last);
		while (i <= last)
			play.end[i++] = play.trace.events;
	}
	jt_table_free(t);
	trace_stop();
}

/* What tables made from nothing answer. */
static void write_truth(void)
{
	char dir[256];

	(void)snprintf(dir, sizeof(dir), "%s/truth", base);
	for (unsigned i = 0; i <= play.steps; i++) {
		struct jt_table *t = NULL;
		struct asker *a = NULL;

		empty_dir("truth");
		t = world_table(dir);
		world_rebuild(t, &play.world[i], i + 1);
		jt_table_renew(t, fake_boot_ns);
		fake_later(TICK_NS);
		a = asker_new(path_of("truth", "table"));
		MUST(a != NULL);
		asker_ask(a, &play.world[play.steps], &play.said[i]);
		play.shown[i] = world_shown(jt_table_view(t), &play.world[i]);
		asker_free(a);
		jt_table_free(t);
	}
}

/* ---- judging */

static void say_wrong(size_t event, unsigned step, const char *when, unsigned question, unsigned said, unsigned target)
{
	if (wrong++ > 20)
		return;
	(void)fprintf(stderr,
		"# seed %llu, killed at event %zu, in change %u (%s), %s: %s: %u; before %u, after %u, then %u\n",
		(unsigned long long)play.seed, event, step, play.change[step].name, when, asker_question(question),
		said, play.said[step].said[question], play.said[last_of(step) + 1].said[question],
		play.said[target].said[question]);
}

static unsigned granted(uint8_t said)
{
	return said == JETON_ALLOWED ? 2 : said == JETON_PARTIAL ? 1 : 0;
}

/* Before or after the change, or no answer; of several together no more than before or after. */
static void judge_either(size_t event, unsigned step, const char *when, const struct answers *got)
{
	unsigned last = last_of(step);

	for (unsigned q = 0; q < QUESTIONS; q++) {
		uint8_t said = got->said[q], before = play.said[step].said[q], after = play.said[last + 1].said[q];
		bool good = said == before || said == after || said == JETON_UNAVAILABLE;

		if (last > step)
			good = granted(said) <= granted(before) || granted(said) <= granted(after);
		if (!good)
			say_wrong(event, step, when, q, said, step);
	}
}

static void judge_same(size_t event, unsigned step, const char *when, const struct answers *got, unsigned target)
{
	for (unsigned q = 0; q < QUESTIONS; q++) {
		if (got->said[q] != play.said[target].said[q])
			say_wrong(event, step, when, q, got->said[q], target);
	}
}

/* ---- the directory as it was left, and whoever comes next */

/* Gives a file of the image a name. Each has its place in `pool`, so that pages need not be had anew each time. */
static void name_file(const struct image *i, int file, const char *name)
{
	char pooled[256];
	int fd;

	(void)snprintf(pooled, sizeof(pooled), "%s/pool/%d", base, file);
	fd = open(pooled, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	MUST(fd >= 0 && ftruncate(fd, (off_t)i->size[file]) == 0);
	MUST(pwrite(fd, i->file[file] ? (const void *)i->file[file] : "", i->size[file], 0) == (ssize_t)i->size[file]);
	MUST(close(fd) == 0 && link(pooled, path_of("left", name)) == 0);
}

/* A reader that had opened file `held` when it was the table; then the names as they were left. */
static struct asker *restore(const struct image *i, int held)
{
	struct asker *a = NULL;

	clear_left();
	if (held >= 0) {
		name_file(i, held, "table");
		a = asker_new(path_of("left", "table"));
		MUST(unlink(path_of("left", "table")) == 0);
	}
	for (int n = 0; n < NAMES; n++) {
		if (i->name[n] >= 0)
			name_file(i, i->name[n], names[n]);
	}
	return a;
}

static int any_held(const struct image *i)
{
	int held[FILES_MAX], n = 0;

	for (int f = 0; f < FILES_MAX; f++) {
		if (i->was_table[f])
			held[n++] = f;
	}
	return n ? held[chance(&fake_chance) % (unsigned)n] : -1;
}

static void catch_up(struct jt_table *t, unsigned target)
{
	uint64_t at = jt_table_stands(t) ? jt_table_watermark(t) : 0;

	/* As the follower decides it. */
	if (at == 0 || at > target + 1 || jt_table_nonce(t) != world_nonce(at)) {
		world_rebuild(t, &play.world[target], target + 1);
	} else {
		if (at - 1 < target)
			tell(t, (unsigned)at - 1, target - 1);
		jt_table_show(t, target + 1, world_nonce(target + 1));
	}
	jt_table_renew(t, fake_boot_ns);
}

static bool left_is_clean(void)
{
	return access(path_of("left", "table.new"), F_OK) != 0 && access(path_of("left", "table.old"), F_OK) != 0;
}

static bool is_poisoned(const uint8_t *file)
{
	return atomic_load(&((const struct jt_table_live *)(const void *)(file + JT_TABLE_LIVE_AT))->state) !=
	       JT_TABLE_LIVES;
}

static void check_next(const struct image *i, size_t event, unsigned step)
{
	const struct jt_table_sizes many = {.tokens = 3000, .teams_of_tokens = 1000};
	unsigned target = last_of(step) + 1 + (unsigned)(chance(&fake_chance) % 4);
	struct asker *a = restore(i, any_held(i));
	struct jt_table *t = NULL;
	struct answers got;
	char dir[256];

	target = target > play.steps ? play.steps : target;
	(void)snprintf(dir, sizeof(dir), "%s/left", base);
	t = world_table(dir);
	MUST(left_is_clean());
	/* The table's second name alone is no reason to begin anew. */
	MUST(i->name[0] < 0 || i->name[2] != i->name[0] || jt_table_stands(t) || is_poisoned(i->file[i->name[0]]));
	fake_later(TICK_NS);
	if (a) {
		asker_ask(a, &play.world[play.steps], &got);
		judge_either(event, step, "before the next writer has caught up", &got);
	}
	catch_up(t, target);
	fake_later(TICK_NS);
	if (!a)
		a = asker_new(path_of("left", "table"));
	MUST(a != NULL && left_is_clean());
	asker_ask(a, &play.world[play.steps], &got);
	judge_same(event, step, "with the next writer", &got, target);
	if (world_shown(jt_table_view(t), &play.world[target]) != play.shown[target] && wrong++ < 20)
		(void)fprintf(stderr,
			"# seed %llu, killed at event %zu, in change %u: by id the next writer shows something else\n",
			(unsigned long long)play.seed, event, step);
	if (chance(&fake_chance) % 8 == 0) {
		MUST(jt_table_reserve(t, &many) == JT_OK);
		fake_later(TICK_NS);
		asker_ask(a, &play.world[play.steps], &got);
		judge_same(event, step, "when the next writer's table has grown", &got, target);
		if (world_shown(jt_table_view(t), &play.world[target]) != play.shown[target] && wrong++ < 20)
			(void)fprintf(stderr, "# seed %llu, event %zu, change %u: grown, by id something else\n",
				(unsigned long long)play.seed, event, step);
	}
	asker_free(a);
	jt_table_free(t);
	kills++;
}

/* ---- the reader that is there all the time */

static int live_fd[FILES_MAX];

static void live_apply(const struct trace *t, size_t event)
{
	const struct event *e = &t->event[event];

	switch ((enum event_kind)e->kind) {
	case EVENT_CREATE:
		live_fd[e->file] = open(path_of("live", names[e->name]), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
		MUST(live_fd[e->file] >= 0);
		break;
	case EVENT_SIZE:
		MUST(ftruncate(live_fd[e->file], (off_t)e->at) == 0);
		break;
	case EVENT_STORE:
		MUST(pwrite(live_fd[e->file], &e->what, 8, (off_t)e->at) == 8);
		break;
	case EVENT_WRITE:
		MUST(pwrite(live_fd[e->file], t->bytes + e->what, e->size, (off_t)e->at) == (ssize_t)e->size);
		break;
	case EVENT_PUNCH:
		MUST(fallocate(live_fd[e->file], FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 1 << 30) == 0);
		break;
	case EVENT_LINK:
		MUST(link(path_of("live", names[e->name]), path_of("live", names[e->to])) == 0);
		break;
	case EVENT_RENAME:
		MUST(rename(path_of("live", names[e->name]), path_of("live", names[e->to])) == 0);
		break;
	case EVENT_UNLINK:
		MUST(unlink(path_of("live", names[e->name])) == 0);
		break;
	}
}

/* Whether a prefix is looked at: by the reader that is there all the time, and by the next writer. */
typedef bool looked_at(size_t event);

static void run(looked_at *is)
{
	struct image image;
	struct asker *live = NULL;
	struct answers got;
	unsigned step = 0;

	image_start(&image);
	memset(live_fd, -1, sizeof(live_fd));
	empty_dir("live");
	for (size_t e = 0; e < play.trace.events; e++) {
		while (step + 1 < play.steps && e >= play.end[step])
			step++;
		image_apply(&image, &play.trace, e);
		live_apply(&play.trace, e);
		if (!is(e))
			continue;
		fake_later(TICK_NS);
		if (!live && e >= play.first)
			live = asker_new(path_of("live", "table"));
		if (live) {
			asker_ask(live, &play.world[play.steps], &got);
			judge_either(e, step, "while it happens", &got);
		}
		check_next(&image, e, step);
	}
	asker_free(live);
	image_free(&image);
	for (unsigned i = 0; i < FILES_MAX; i++) {
		if (live_fd[i] >= 0)
			(void)close(live_fd[i]);
	}
}

static bool every(size_t event)
{
	(void)event;
	return true;
}

static unsigned one_in;
static unsigned long left;

static bool some(size_t event)
{
	(void)event;
	if (left == 0 || chance(&fake_chance) % one_in != 0)
		return false;
	left--;
	return true;
}

static unsigned count_kind(enum event_kind kind)
{
	unsigned n = 0;

	for (size_t e = 0; e < play.trace.events; e++)
		n += play.trace.event[e].kind == kind;
	return n;
}

/* Sorts of change, by their names, in the script. */
static unsigned sorts(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < play.steps; i++) {
		bool before = false;

		for (unsigned k = 0; k < i; k++)
			before = before || strcmp(play.change[i].name, play.change[k].name) == 0;
		n += !before;
	}
	return n;
}

static void point(unsigned number, bool good, const char *text, unsigned long count)
{
	(void)printf("%s %u - %s (%lu, %lu wrong)\n", good ? "ok" : "not ok", number, text, count, wrong);
	(void)fflush(stdout);
}

/* Changes by which somebody to whom a place was not visible is let in there, as the one who found something. */
static unsigned discoveries(const char *name)
{
	unsigned n = 0;

	for (unsigned i = 0; i < play.steps; i++) {
		for (unsigned q = 0; q < QUESTIONS && strcmp(play.change[i].name, name) == 0; q++)
			n += play.said[i].said[q] == JETON_NOT_VISIBLE && play.said[i + 1].said[q] == JETON_ALLOWED;
	}
	return n;
}

/* Kills the writer of a script at all that it does. */
static void everywhere(unsigned number, uint64_t seed, unsigned steps, unsigned together, const char *text)
{
	unsigned long before = kills;

	wrong = 0;
	write_play(seed, steps, together);
	write_truth();
	run(every);
	point(number, wrong == 0, text, kills - before);
}

int main(void)
{
	unsigned long wanted = getenv("JETON_TABLE_KILLS") ? strtoul(getenv("JETON_TABLE_KILLS"), NULL, 10) : 10000;
	uint64_t seed = getenv("JETON_SEED") ? strtoull(getenv("JETON_SEED"), NULL, 10) : 1;
	unsigned long missing = 0, before = 0;

	jt_log_setup(JT_LOG_ERROR, JT_LOG_LOGFMT);
	MUST(jt_secret_start() == JT_OK);
	(void)snprintf(base, sizeof(base), "/dev/shm/jeton-kill-XXXXXX");
	MUST(mkdtemp(base) != NULL);
	world_start();
	(void)printf("1..5\n");
	empty_dir("left");
	empty_dir("pool");
	everywhere(1, SCRIPT_SEED, 110, 0, "killed at every store and call of a script");
	for (unsigned k = 0; k <= EVENT_PUNCH; k++)
		missing += count_kind((enum event_kind)k) == 0;
	missing += sorts() != SORTS;
	point(2, missing == 0, "every sort of change, store and call was among them", count_kind(EVENT_STORE));
	everywhere(3, SCRIPT_SEED, 110, 4, "the same with changes told together");
	everywhere(4, FOUND_SEED, 60, 0, "the same of a script that found something once");
	MUST(discoveries("give away") > 0);
	before = kills;
	wrong = 0;
	for (left = wanted; left > 0;) {
		seed++;
		write_play(seed * 7919, 60, (unsigned)(seed % 3 * 2));
		write_truth();
		one_in = 1 + (unsigned)(play.trace.events / 250);
		run(some);
	}
	point(5, wrong == 0, "killed at random stores and calls of random scripts", kills - before);
	trace_free(&play.trace);
	world_end();
	(void)nftw(base, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return 0;
}
