/* SPDX-License-Identifier: Apache-2.0 */
#include "zero.h"

#include "base/clock.h"
#include "base/text.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Goal: what was taken away before a verification began is not accepted by it, whatever way it went (a value revoked, rotated
 * or out of its overlap; a role narrowed or gone; a user disabled, gone, or with another role; a team, a membership, an app;
 * an org; an owner), and what stands throughout is never refused, while the table grows and is replaced. A watermark that was
 * shown is in force, one that was not is refused as BEHIND, and as_of never goes back.
 *
 * zero_window [--changes N] [--verifications N] [--readers N] [--seed N] [--threads] [--break early|retire|poison]
 * Exit status: 0 kept, 1 broken, 2 the test itself failed. */

#define RENEW_EVERY 50
#define REBUILDS 5

struct settings {
	uint64_t changes, verifications, readers, seed;
	bool threads;
	enum sabotage how;
};

static struct log *log_new(uint64_t changes)
{
	size_t size = sizeof(struct log) + world_probes(changes) * sizeof(struct probe);
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		exit(2);
	return at;
}

static uint64_t asked(const struct log *log)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < READERS_MAX; i++)
		sum += atomic_load_explicit(&log->told[i].asked, memory_order_relaxed);
	return sum;
}

/* ---- readers: processes, or threads */

struct crowd {
	const struct settings *s;
	struct log *log;
	const char *path;
	struct world *world;
	pid_t pid[READERS_MAX];
	pthread_t thread[READERS_MAX];
};

struct start {
	struct crowd *crowd;
	unsigned number;
};

static void *read_on(void *arg)
{
	struct start *start = arg;
	struct crowd *c = start->crowd;
	bool inside = c->s->threads;
	struct reader *r = reader_new(c->log, start->number, c->path, inside ? world_table(c->world) : NULL,
		world_policy(c->world), c->s->seed);

	reader_run(r);
	reader_free(r);
	free(start);
	return NULL;
}

static void start_readers(struct crowd *c)
{
	for (unsigned i = 0; i < c->s->readers; i++) {
		struct start *start = malloc(sizeof(*start));

		if (!start)
			exit(2);
		*start = (struct start){c, i};
		if (c->s->threads) {
			if (pthread_create(&c->thread[i], NULL, read_on, start) != 0)
				exit(2);
			continue;
		}
		c->pid[i] = fork();
		if (c->pid[i] == 0) {
			(void)read_on(start);
			_exit(0);
		}
		free(start);
		if (c->pid[i] < 0)
			exit(2);
	}
}

static int end_readers(struct crowd *c)
{
	int failed = 0;

	atomic_store_explicit(&c->log->stop, true, memory_order_release);
	for (unsigned i = 0; i < c->s->readers; i++) {
		int status = 0;

		if (c->s->threads)
			(void)pthread_join(c->thread[i], NULL);
		else if (waitpid(c->pid[i], &status, 0) != c->pid[i] || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
			failed = 2;
	}
	return failed;
}

/* A reader that has died is not waited for. */
static void check_alive(const struct crowd *c)
{
	for (unsigned i = 0; !c->s->threads && i < c->s->readers; i++) {
		if (waitpid(c->pid[i], NULL, WNOHANG) != 0) {
			fprintf(stderr, "zero_window: reader %u is dead\n", i);
			exit(2);
		}
	}
}

/* ---- the writer */

static void await(const struct crowd *c, uint64_t wanted)
{
	for (unsigned n = 1; asked(c->log) < wanted; n++) {
		(void)sched_yield();
		if (n % 100000 == 0) {
			check_alive(c);
			world_renew(c->world);
		}
	}
}

static void write_on(struct crowd *c)
{
	const struct settings *s = c->s;
	uint64_t rebuild_every = s->changes / REBUILDS + 1;

	await(c, s->readers * 64);
	for (uint64_t n = 1; n <= s->changes; n++) {
		world_change(c->world);
		if (n % rebuild_every == 0)
			world_rebuild(c->world);
		if (n % RENEW_EVERY == 0)
			world_renew(c->world);
		await(c, s->verifications * n / s->changes);
	}
}

/* ---- the report */

static const char *const wrongs[] = {"", "accepted what was taken away", "refused what stands",
	"answered what the table does not show, or not what it does", "as of an older state"};

static uint64_t report_one(const struct log *log, unsigned i)
{
	const struct told *t = &log->told[i];
	uint64_t count = 0;

	for (unsigned w = WRONG_ACCEPT; w <= WRONG_AS_OF; w++)
		count += t->wrong[w];
	if (count > 0)
		printf("reader %u: %s: %s: result %d (%s), expected %s, change %llu; as of %llu, wanted %llu; %llu "
		       "wrong in all\n",
			i, log->probe[t->first.probe].what, wrongs[t->first.wrong], t->first.result,
			t->first.reason ? t->first.reason : "",
			(t->first.mark & 3) == EXPECT_ALLOW ? "allow" : "refuse",
			(unsigned long long)(t->first.mark >> 2), (unsigned long long)t->first.as_of,
			(unsigned long long)t->first.wanted, (unsigned long long)count);
	return count;
}

static int report(const struct crowd *c, int64_t took_ns)
{
	uint64_t sum[5] = {0}, wrong = 0;

	for (unsigned i = 0; i < c->s->readers; i++) {
		const struct told *t = &c->log->told[i];

		sum[0] += t->allowed;
		sum[1] += t->refused;
		sum[2] += t->either;
		sum[3] += t->follows;
		wrong += report_one(c->log, i);
	}
	printf("%llu changes, %u files, %llu verifications by %llu %s (%llu had to be allowed, %llu refused, %llu "
	       "either; %llu "
	       "moves to another file), %llu wrong, %.1f s\n",
		(unsigned long long)c->s->changes, world_files(c->world), (unsigned long long)asked(c->log),
		(unsigned long long)c->s->readers, c->s->threads ? "threads" : "processes", (unsigned long long)sum[0],
		(unsigned long long)sum[1], (unsigned long long)sum[2], (unsigned long long)sum[3],
		(unsigned long long)wrong, (double)took_ns / 1e9);
	if (wrong > 0)
		return 1;
	if (sum[0] == 0 || sum[1] == 0 || sum[3] <= c->s->readers) {
		printf("this shows nothing\n");
		return 2;
	}
	return 0;
}

static bool read_settings(int argc, char **argv, struct settings *s)
{
	static const char *const how[] = {"none", "early", "retire", "poison"};

	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "";
		uint64_t *number = !strcmp(argv[i], "--changes")         ? &s->changes
				   : !strcmp(argv[i], "--verifications") ? &s->verifications
				   : !strcmp(argv[i], "--readers")       ? &s->readers
				   : !strcmp(argv[i], "--seed")          ? &s->seed
									 : NULL;

		if (!strcmp(argv[i], "--threads")) {
			s->threads = true;
			continue;
		}
		for (unsigned n = 0; !strcmp(argv[i], "--break") && n < sizeof(how) / sizeof(*how); n++) {
			if (!strcmp(value, how[n]))
				s->how = (enum sabotage)n;
		}
		if (number ? jt_text_u64(value, strlen(value), 1000000000000, number) != JT_OK
			   : strcmp(argv[i], "--break"))
			return false;
		i++;
	}
	return s->changes > 0 && s->readers > 0 && s->readers <= READERS_MAX && s->seed > 0;
}

int main(int argc, char **argv)
{
	struct settings s = {.changes = 20000, .verifications = 10000000, .seed = 1};
	char dir[] = "/dev/shm/jeton-zero-XXXXXX";
	char path[sizeof(dir) + 8];
	struct crowd c = {.s = &s, .path = path};
	int64_t began;
	int failed;

	s.readers = 2 * (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);
	if (s.readers > READERS_MAX)
		s.readers = READERS_MAX;
	if (!read_settings(argc, argv, &s) || !mkdtemp(dir))
		return 2;
	(void)snprintf(path, sizeof(path), "%s/" JT_TABLE_FILE, dir);
	c.log = log_new(s.changes);
	c.world = world_new(c.log, dir, s.seed, s.changes, s.how);
	if (!c.world)
		return 2;
	began = jt_clock_mono_ns();
	start_readers(&c);
	write_on(&c);
	failed = end_readers(&c);
	if (!failed)
		failed = report(&c, jt_clock_mono_ns() - began);
	world_free(c.world);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/lock", dir);
	(void)unlink(path);
	(void)rmdir(dir);
	return failed;
}
