/* SPDX-License-Identifier: Apache-2.0 */
#include "http/accept.h"

#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* How long to wait for a connection to end when the process or the machine has no descriptor or memory for another. */
#define SHORTAGE_MS 100

struct jt_acceptor {
	pthread_t thread;
	int fd, wake; /* the listening socket, -1 once stopped; an eventfd */
	unsigned limit;
	_Atomic unsigned open;
	_Atomic bool stopping;
	jt_acceptor_give *give;
	void *cls;
};

static void wake(struct jt_acceptor *a)
{
	/* Fails only where the counter is full: then it wakes already. */
	(void)eventfd_write(a->wake, 1);
}

/* Everything that waits, as far as the limit goes. False, with errno: there is a shortage. */
static bool take(struct jt_acceptor *a)
{
	while (!atomic_load(&a->stopping) && atomic_load(&a->open) < a->limit) {
		struct sockaddr_storage from;
		socklen_t length = sizeof(from);
		int fd = accept4(a->fd, (struct sockaddr *)&from, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			atomic_fetch_add(&a->open, 1);
			a->give(a->cls, fd, (const struct sockaddr *)&from, length);
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			return true;
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			return false;
		} /* else: that connection has failed before it was taken */
	}
	return true;
}

static void *run(void *argument)
{
	struct jt_acceptor *a = argument;
	bool plenty = true;

	while (!atomic_load(&a->stopping)) {
		bool wants = plenty && atomic_load(&a->open) < a->limit;
		struct pollfd wait[2] = {
			{.fd = a->wake, .events = POLLIN}, {.fd = wants ? a->fd : -1, .events = POLLIN}};
		eventfd_t times;
		bool before = plenty;

		if (poll(wait, 2, plenty ? -1 : SHORTAGE_MS) > 0 && wait[0].revents)
			(void)eventfd_read(a->wake, &times);
		plenty = take(a);
		if (before && !plenty)
			jt_log(JT_LOG_WARN, "no room for a connection", JT_LT("reason", strerror(errno)));
	}
	return NULL;
}

enum jt_result jt_acceptor_start(int fd, unsigned limit, jt_acceptor_give *give, void *cls, struct jt_acceptor **out)
{
	struct jt_acceptor *a = calloc(1, sizeof(*a));

	*out = NULL;
	if (!a)
		return JT_NOMEM;
	a->fd = fd;
	a->limit = limit;
	a->give = give;
	a->cls = cls;
	a->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	*out = a; /* before the first is given: it may end at once */
	if (a->wake < 0 || pthread_create(&a->thread, NULL, run, a) != 0) {
		if (a->wake >= 0)
			(void)close(a->wake);
		free(a);
		*out = NULL;
		return JT_IO;
	}
	return JT_OK;
}

void jt_acceptor_ended(struct jt_acceptor *a)
{
	if (atomic_fetch_sub(&a->open, 1) >= a->limit)
		wake(a);
}

void jt_acceptor_stop(struct jt_acceptor *a)
{
	if (!a || a->fd < 0)
		return;
	atomic_store(&a->stopping, true);
	wake(a);
	(void)pthread_join(a->thread, NULL);
	(void)close(a->fd);
	a->fd = -1;
}

void jt_acceptor_free(struct jt_acceptor *a)
{
	if (!a)
		return;
	(void)close(a->wake);
	free(a);
}
