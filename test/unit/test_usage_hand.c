/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "usage/hand.h"
#include "usage_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOW 29000000U

static char directory[] = "/tmp/usage-XXXXXX";
static struct sockaddr_un address = {.sun_family = AF_UNIX};
static struct seen seen;

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/usage.sock", directory);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)unlink(address.sun_path);
	return rmdir(directory);
}

static int listen_here(void)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	(void)unlink(address.sun_path);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

static int descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	int count = 0;

	while (readdir(d))
		count++;
	(void)closedir(d);
	return count;
}

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

static uint64_t uses(struct jt_drain *d)
{
	struct jt_drained out;

	assert_int_equal(jt_drain_pass(d, NOW, &seen.to, &out), JT_OK);
	return out.uses;
}

/* Ticks until it is connected: an attempt a second. */
static void tick_until_connected(struct jt_hand *h)
{
	while (!jt_hand_connected(h)) {
		(void)poll(NULL, 0, 20);
		jt_hand_tick(h);
	}
}

static void memory_arrives(void **state)
{
	/* Goal: the authority gets the very memory that the verifier records in, and still has it when the verifier has ended. */
	struct jt_recorder *r = NULL;
	struct jt_hand *h = NULL;
	struct jt_drain *d = NULL;
	int listener = listen_here(), connection = -1;

	(void)state;
	seen_start(&seen);
	assert_int_equal(jt_recorder_new(&r), JT_OK);
	assert_int_equal(jt_hand_new(r, address.sun_path, &h), JT_OK);
	assert_true(jt_hand_connected(h));
	d = accept_memory(listener, &connection);
	(void)jt_recorder_note(r, 1, 2, NOW, NULL);
	assert_int_equal(uses(d), 1);
	(void)jt_recorder_note(r, 1, 2, NOW, NULL);
	jt_hand_free(h);
	jt_recorder_free(r);
	assert_int_equal(uses(d), 1);
	jt_drain_free(d);
	(void)close(connection);
	(void)close(listener);
}

static void a_new_authority_goes_on(void **state)
{
	/* Goal: with nobody there recording goes on; once somebody is, it is handed over; the next authority gets the same memory
	 * and takes what the last one did not, and nothing again. */
	struct jt_recorder *r = NULL;
	struct jt_hand *h = NULL;
	struct jt_drain *d = NULL;
	int listener = -1, connection = -1;

	(void)state;
	seen_start(&seen);
	assert_int_equal(jt_recorder_new(&r), JT_OK);
	assert_int_equal(jt_hand_new(r, address.sun_path, &h), JT_OK);
	assert_false(jt_hand_connected(h));
	(void)jt_recorder_note(r, 1, 2, NOW, NULL);
	for (uint64_t round = 0; round < 2; round++) {
		listener = listen_here();
		tick_until_connected(h);
		d = accept_memory(listener, &connection);
		assert_int_equal(uses(d), round + 1);
		jt_drain_free(d); /* it ends */
		(void)close(connection);
		(void)close(listener);
		jt_hand_tick(h);
		assert_false(jt_hand_connected(h));
		(void)jt_recorder_note(r, 1, 2, NOW, NULL);
		(void)jt_recorder_note(r, 1, 2, NOW, NULL);
	}
	jt_hand_free(h);
	jt_recorder_free(r);
}

static void attempts_are_a_second_apart(void **state)
{
	/* Goal: however often it ticks, a verifier without an authority tries once a second, and never waits. */
	struct jt_recorder *r = NULL;
	struct jt_hand *h = NULL;
	int listener = -1;

	(void)state;
	(void)unlink(address.sun_path);
	assert_int_equal(jt_recorder_new(&r), JT_OK);
	assert_int_equal(jt_hand_new(r, address.sun_path, &h), JT_OK);
	listener = listen_here();
	for (unsigned i = 0; i < 1000; i++)
		jt_hand_tick(h);
	assert_false(jt_hand_connected(h)); /* the second is not over */
	tick_until_connected(h);
	jt_hand_free(h);
	jt_recorder_free(r);
	(void)close(listener);
}

static void a_full_backlog_does_not_wait(void **state)
{
	/* Goal: an authority that accepts nobody holds nobody up. */
	enum { MANY = 12 };
	struct jt_recorder *r[MANY];
	struct jt_hand *h[MANY];
	unsigned connected = 0;
	int listener = listen_here();

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		assert_int_equal(jt_recorder_new(&r[i]), JT_OK);
		assert_int_equal(jt_hand_new(r[i], address.sun_path, &h[i]), JT_OK);
		connected += jt_hand_connected(h[i]);
	}
	assert_true(connected > 0 && connected < MANY);
	for (unsigned i = 0; i < MANY; i++) {
		jt_hand_free(h[i]);
		jt_recorder_free(r[i]);
	}
	(void)close(listener);
}

static void a_forked_child_hands_over_its_own(void **state)
{
	/* Goal: a child's first tick gives it memory and a connection of its own; the parent's connection goes on, and ends when the
	 * parent ends it, although the child was there. */
	struct jt_recorder *r = NULL;
	struct jt_hand *h = NULL;
	struct jt_drain *parents = NULL, *childs = NULL;
	int listener = listen_here(), connection[2] = {-1, -1}, ready[2], status = 0;
	char byte = 0;
	pid_t child;

	(void)state;
	seen_start(&seen);
	assert_int_equal(jt_recorder_new(&r), JT_OK);
	assert_int_equal(jt_hand_new(r, address.sun_path, &h), JT_OK);
	parents = accept_memory(listener, &connection[0]);
	assert_int_equal(pipe(ready), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		int had = descriptors();

		if (jt_recorder_note(r, 1, 2, NOW, NULL))
			jt_hand_tick(h);
		(void)jt_recorder_note(r, 1, 3, NOW, NULL);
		status = jt_hand_connected(h) && descriptors() == had ? 0 : 1; /* the parent's were given back */
		(void)close(ready[1]);
		(void)poll(&(struct pollfd){.fd = connection[0], .events = POLLIN}, 1,
			10000); /* till the parent hangs up */
		jt_hand_free(h);
		jt_recorder_free(r);
		_exit(status);
	}
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 0);
	childs = accept_memory(listener, &connection[1]);
	assert_int_equal(uses(childs), 1);
	assert_int_equal(seen.count[3], 1);
	assert_int_equal(uses(parents), 0);
	jt_hand_free(h);
	assert_int_equal(recv(connection[0], &byte, 1, MSG_DONTWAIT), 0); /* the end, and not EAGAIN */
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	jt_drain_free(parents);
	jt_drain_free(childs);
	jt_recorder_free(r);
	(void)close(connection[0]);
	(void)close(connection[1]);
	(void)close(ready[0]);
	(void)close(listener);
}

/* One message with `count` descriptors of this process's standard input. */
static void say(int to, const char *text, size_t size, size_t count)
{
	struct iovec data = {.iov_base = (void *)(uintptr_t)text, .iov_len = size};
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int) * 32)];
	} control;
	struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1};

	memset(&control, 0, sizeof(control));
	if (count) {
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
		CMSG_FIRSTHDR(&message)->cmsg_level = SOL_SOCKET;
		CMSG_FIRSTHDR(&message)->cmsg_type = SCM_RIGHTS;
		CMSG_FIRSTHDR(&message)->cmsg_len = CMSG_LEN(sizeof(int) * count);
	}
	assert_int_equal(sendmsg(to, &message, 0), size);
}

static void what_is_not_our_greeting(void **state)
{
	/* Goal: no descriptor, too many, another text, a longer or shorter one: refused, and every descriptor that came is closed. */
	static const struct {
		const char *text;
		size_t count;
	} wrong[] = {{"JTUSAGE1", 0}, {"JTUSAGE1", 2}, {"JTUSAGE1", 20}, {"JTUSAGE2", 1}, {"JTUSAGE", 1},
		{"JTUSAGE1x", 1}, {"GET / HTTP/1.1", 1}};
	int pair[2], fd = -1, before = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
		before = descriptors();
		assert_int_equal(jt_hand_receive(pair[0], &fd), JT_DONE);
		say(pair[1], wrong[i].text, strlen(wrong[i].text), wrong[i].count);
		assert_int_equal(jt_hand_receive(pair[0], &fd), JT_MALFORMED);
		assert_int_equal(fd, -1);
		assert_int_equal(descriptors(), before);
		(void)close(pair[1]);
		assert_int_equal(jt_hand_receive(pair[0], &fd), JT_MALFORMED);
		(void)close(pair[0]);
	}
}

static void paths_that_no_socket_can_have(void **state)
{
	/* Goal: "" and what is too long are refused, not cut. */
	struct jt_recorder *r = NULL;
	struct jt_hand *h = NULL;
	char path[200];

	(void)state;
	memset(path, 'x', sizeof(path));
	path[sizeof(address.sun_path)] = '\0';
	assert_int_equal(jt_recorder_new(&r), JT_OK);
	assert_int_equal(jt_hand_new(r, path, &h), JT_TOO_LONG);
	assert_int_equal(jt_hand_new(r, "", &h), JT_TOO_LONG);
	assert_null(h);
	jt_recorder_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(memory_arrives), cmocka_unit_test(a_new_authority_goes_on),
		cmocka_unit_test(attempts_are_a_second_apart), cmocka_unit_test(a_full_backlog_does_not_wait),
		cmocka_unit_test(a_forked_child_hands_over_its_own), cmocka_unit_test(what_is_not_our_greeting),
		cmocka_unit_test(paths_that_no_socket_can_have)};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
