/* SPDX-License-Identifier: Apache-2.0 */
#include "usage/hand.h"

#include "usage/inside.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DESCRIPTORS_MAX 8 /* room for those that are then closed; the kernel closes what is beyond */

union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int) * DESCRIPTORS_MAX)];
};

/* How many descriptors came; up to DESCRIPTORS_MAX into `out`. */
static size_t descriptors(struct msghdr *message, int out[DESCRIPTORS_MAX])
{
	size_t count = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < n && count < DESCRIPTORS_MAX; i++)
			memcpy(&out[count++], CMSG_DATA(c) + i * sizeof(int), sizeof(int));
	}
	return count;
}

enum jt_result jt_hand_receive(int connection, int *fd)
{
	char greeting[JT_USAGE_GREETING_SIZE + 1];
	struct iovec data = {.iov_base = greeting, .iov_len = sizeof(greeting)};
	union control control;
	struct msghdr message = {.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes)};
	int came[DESCRIPTORS_MAX];
	size_t count = 0;
	ssize_t size = 0;

	*fd = -1;
	memset(&control, 0, sizeof(control));
	size = recvmsg(connection, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (size < 0)
		return errno == EAGAIN || errno == EINTR ? JT_DONE : JT_MALFORMED;
	count = descriptors(&message, came);
	if (count == 1 && size == JT_USAGE_GREETING_SIZE && !(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) &&
		memcmp(greeting, JT_USAGE_GREETING, JT_USAGE_GREETING_SIZE) == 0) {
		*fd = came[0];
		return JT_OK;
	}
	for (size_t i = 0; i < count; i++)
		(void)close(came[i]);
	return JT_MALFORMED;
}
