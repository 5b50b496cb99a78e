/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "jeton.h"

#include "base/clock.h"
#include "jeton_world.h"
#include "usage/hand.h"
#include "usage_fixture.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child goes on with what its parent opened, whatever its parent's threads were doing. */

#define THREADS 3
#define CHILDREN 40
#define USES 5

static struct world w;
static struct jeton *j;
static struct jeton_scope *scope;
static atomic_bool done;
static _Atomic unsigned refused;

static int set_up(void **state)
{
	(void)state;
	world_open(&w);
	return jeton_open(w.path, &j) == JETON_ALLOWED && jeton_scope_new(j, WORLD_READ, &scope) == JETON_ALLOWED ? 0
														  : -1;
}

static int tear_down(void **state)
{
	(void)state;
	jeton_scope_free(scope);
	jeton_close(j);
	world_close(&w);
	return 0;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
/* The sanitizers' allocators do not survive a fork in the midst of an allocation, as that of libc does. */
static pthread_rwlock_t forking = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;

static void begin(void)
{
	(void)pthread_rwlock_rdlock(&forking);
}

static void end(void)
{
	(void)pthread_rwlock_unlock(&forking);
}

static pid_t fork_here(void)
{
	pid_t child;

	(void)pthread_rwlock_wrlock(&forking);
	child = fork();
	(void)pthread_rwlock_unlock(&forking);
	return child;
}
#else
static void begin(void)
{
}

static void end(void)
{
}

static pid_t fork_here(void)
{
	return fork();
}
#endif

static bool let_in(enum world_token which, uint64_t *as_of)
{
	const struct jeton_request ask = {.scopes = &scope, .scope_count = 1};
	struct jeton_answer answer;
	enum jeton_result r = jeton_verify(j, w.value[which], strlen(w.value[which]), &ask, &answer);

	*as_of = answer.as_of;
	return r == JETON_ALLOWED;
}

static void *keep_verifying(void *arg)
{
	uint64_t as_of;

	(void)arg;
	while (!atomic_load(&done)) {
		begin();
		if (!let_in(WORLD_CI, &as_of) || let_in(WORLD_DEAD, &as_of))
			atomic_fetch_add(&refused, 1);
		end();
	}
	return NULL;
}

static void *keep_replacing(void *arg)
{
	(void)arg;
	while (!atomic_load(&done)) {
		begin();
		world_build(&w, WORLD_PLAIN);
		end();
		(void)sched_yield();
	}
	return NULL;
}

/* Verifies until the table has been replaced twice since. 0 if all was as it must be. */
static int live_as_child(void)
{
	uint64_t first = 0, as_of = 0;

	if (!let_in(WORLD_CI, &first))
		return 1;
	while (as_of < first + 2) {
		if (!let_in(WORLD_CI, &as_of))
			return 2;
		if (let_in(WORLD_DEAD, &as_of))
			return 3;
	}
	jeton_scope_free(scope);
	jeton_close(j);
	return 0;
}

static void children_follow_too(void **state)
{
	/* Goal: forked in the middle of whatever its parent's threads do to the same handle, each child verifies at once, and goes
	 * over to tables that came after it; parent and children do not disturb each other. */
	pthread_t thread[THREADS], writer;
	pid_t child[CHILDREN];
	int status = 0;

	(void)state;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, keep_verifying, NULL), 0);
	assert_int_equal(pthread_create(&writer, NULL, keep_replacing, NULL), 0);
	for (size_t i = 0; i < CHILDREN; i++) {
		child[i] = fork_here();
		assert_true(child[i] >= 0);
		if (child[i] == 0)
			_exit(live_as_child());
	}
	for (size_t i = 0; i < CHILDREN; i++) {
		assert_int_equal(waitpid(child[i], &status, 0), child[i]);
		assert_int_equal(status, 0);
	}
	atomic_store(&done, true);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(thread[i], NULL), 0);
	assert_int_equal(pthread_join(writer, NULL), 0);
	assert_int_equal(atomic_load(&refused), 0);
}

/* ---- recording, with this test in the place of the authority */

/* The memory that came on a new connection. */
static struct jt_drain *accept_memory(int listener, int *connection)
{
	struct pollfd p = {.fd = listener, .events = POLLIN};
	struct jt_drain *d = NULL;
	int fd = -1;

	assert_int_equal(poll(&p, 1, 10000), 1);
	*connection = accept(listener, NULL, NULL);
	assert_true(*connection >= 0);
	p.fd = *connection;
	assert_int_equal(poll(&p, 1, 10000), 1);
	assert_int_equal(jt_hand_receive(*connection, &fd), JT_OK);
	assert_int_equal(jt_drain_open(fd, &d), JT_OK);
	(void)close(fd);
	return d;
}

static uint64_t uses(struct jt_drain *d, struct jt_scopes *scopes)
{
	struct jt_drained out;
	struct seen seen;

	seen_start(&seen);
	assert_int_equal(jt_drain_pass(d, (uint32_t)(jt_clock_s() / 60), &seen.to, &out), JT_OK);
	assert_int_equal(out.wrong, 0);
	for (size_t i = 0; i < SEEN_MAX; i++) {
		for (unsigned n = 0; n < JT_SCOPES_MAX / 64; n++)
			scopes->word[n] |= seen.scopes[i].word[n];
	}
	return out.uses;
}

static int record_as_child(int until)
{
	uint64_t as_of;
	char byte;
	int good = 0;

	for (unsigned i = 0; i < USES; i++)
		good += let_in(WORLD_CI, &as_of);
	good += read(until, &byte, 1) != 0; /* till the parent has looked */
	jeton_close(j);
	return good == USES ? 0 : 1;
}

static void each_process_records_its_own(void **state)
{
	/* Goal: what is let in is recorded, and nothing that is refused, with the scopes that were asked for, beside the table unless
	 * somebody says where; a child's uses come over a connection of its own and are not among its parent's. */
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), connection[2], until[2], status = 0;
	struct jt_drain *parents = NULL, *childs = NULL;
	struct jt_scopes scopes = {{0}}, childs_scopes = {{0}};
	unsigned bit = jt_policy_scope(w.policy[0], WORLD_READ, strlen(WORLD_READ))->bit;
	uint64_t as_of, count;
	pid_t child;

	(void)state;
	world_build(&w, WORLD_PLAIN);
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/usage.sock", w.dir);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 4), 0);
	assert_int_equal(jeton_record(j, NULL), JETON_ALLOWED);
	parents = accept_memory(listener, &connection[0]);
	assert_true(let_in(WORLD_CI, &as_of)); /* goes over to the present table */
	(void)uses(parents, &scopes);
	scopes = (struct jt_scopes){{0}};
	for (unsigned i = 0; i < USES; i++) {
		assert_true(let_in(WORLD_CI, &as_of));
		assert_false(let_in(WORLD_DEAD, &as_of));
	}
	assert_int_equal(uses(parents, &scopes), USES);
	assert_true(jt_scopes_has(&scopes, bit));
	assert_int_equal(jeton_verify(j, w.value[WORLD_CI], strlen(w.value[WORLD_CI]), NULL, NULL), JETON_ALLOWED);
	assert_int_equal(pipe(until), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)close(until[1]);
		_exit(record_as_child(until[0]));
	}
	childs = accept_memory(listener, &connection[1]);
	assert_int_equal(uses(parents, &scopes), 1); /* its own, from before */
	(void)close(until[0]);
	(void)close(until[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	count = uses(childs, &childs_scopes);
	assert_true(count == USES || count == USES - 1); /* the first one finds that it has no memory of its own yet */
	assert_true(jt_scopes_has(&childs_scopes, bit));
	assert_int_equal(uses(parents, &scopes), 0);
	jt_drain_free(parents);
	jt_drain_free(childs);
	(void)close(connection[0]);
	(void)close(connection[1]);
	(void)close(listener);
	(void)unlink(address.sun_path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(children_follow_too), cmocka_unit_test(each_process_records_its_own)};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
