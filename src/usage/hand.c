/* SPDX-License-Identifier: Apache-2.0 */
#include "usage/hand.h"

#include "usage/inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000LL

struct jt_hand {
	struct jt_recorder *recorder;
	struct sockaddr_un address;
	_Atomic int socket; /* -1: none; in a forked child the parent's, until its first tick */
};

/* Room for one descriptor, aligned as the kernel wants it. */
union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static int64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static bool send_memory(int to, int memory)
{
	char greeting[] = JT_USAGE_GREETING;
	struct iovec data = {.iov_base = greeting, .iov_len = JT_USAGE_GREETING_SIZE};
	union control control;
	struct msghdr message = {.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes)};
	struct cmsghdr *c = NULL;

	memset(&control, 0, sizeof(control));
	c = CMSG_FIRSTHDR(&message);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &memory, sizeof(memory));
	return sendmsg(to, &message, MSG_DONTWAIT | MSG_NOSIGNAL) == JT_USAGE_GREETING_SIZE;
}

static void hang_up(struct jt_hand *h)
{
	const int fd = JT_USAGE_GET(h->socket);

	JT_USAGE_PUT(h->socket, -1);
	if (fd >= 0)
		(void)close(fd);
}

static void call(struct jt_hand *h)
{
	const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	/* To a unix socket this is done at once or not at all. */
	if (connect(fd, (const struct sockaddr *)&h->address, sizeof(h->address)) == 0 &&
		send_memory(fd, h->recorder->fd))
		JT_USAGE_PUT(h->socket, fd);
	else
		(void)close(fd);
}

/* The authority says nothing, ever: whatever can be read is the end. */
static bool has_gone(int fd)
{
	char byte;

	return recv(fd, &byte, sizeof(byte), MSG_DONTWAIT) >= 0 || (errno != EAGAIN && errno != EINTR);
}

void jt_hand_tick(struct jt_hand *h)
{
	struct jt_usage_own *own = h->recorder->own;
	const int64_t now = now_ns();
	int fd = -1;

	if (atomic_exchange_explicit(&own->tending, 1, memory_order_acquire))
		return;
	fd = JT_USAGE_GET(h->socket);
	if (fd >= 0 && JT_USAGE_GET(own->memory) && has_gone(fd))
		hang_up(h);
	if ((JT_USAGE_GET(h->socket) < 0 || !JT_USAGE_GET(own->memory)) && now >= JT_USAGE_GET(own->next_ns)) {
		JT_USAGE_PUT(own->next_ns, now + JT_HAND_AGAIN_S * NS_PER_S);
		if (!JT_USAGE_GET(own->memory)) /* a forked child: the connection is the parent's */
			hang_up(h);
		if (JT_USAGE_GET(own->memory) || jt_recorder_renew(h->recorder) == JT_OK)
			call(h);
	}
	JT_USAGE_PUT(own->tending, 0);
}

enum jt_result jt_hand_new(struct jt_recorder *recorder, const char *path, struct jt_hand **out)
{
	const size_t length = strlen(path);
	struct jt_hand *h = NULL;

	*out = NULL;
	if (length == 0 || length >= sizeof(h->address.sun_path))
		return JT_TOO_LONG;
	h = calloc(1, sizeof(*h));
	if (!h)
		return JT_NOMEM;
	h->recorder = recorder;
	h->address.sun_family = AF_UNIX;
	memcpy(h->address.sun_path, path, length + 1);
	atomic_init(&h->socket, -1);
	jt_hand_tick(h);
	*out = h;
	return JT_OK;
}

void jt_hand_free(struct jt_hand *h)
{
	if (!h)
		return;
	hang_up(h);
	free(h);
}

bool jt_hand_connected(const struct jt_hand *h)
{
	return JT_USAGE_GET(h->recorder->own->memory) && JT_USAGE_GET(h->socket) >= 0;
}
