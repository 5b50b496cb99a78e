/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/usage_inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "usage/hand.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define ACCEPT_AT_ONCE 16
#define BACKLOG 64
#define COMPLAIN_NS (60 * JT_NS_PER_S)
#define LAST_PASSES 8 /* enough for all that a memory holds */

/* Removes a socket that nobody listens at any more; whatever else stands there stays, and bind then fails. */
static void remove_old(const struct sockaddr_un *address)
{
	const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct stat st;

	if (lstat(address->sun_path, &st) == 0 && S_ISSOCK(st.st_mode) && fd >= 0 &&
		connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0 && errno == ECONNREFUSED)
		(void)unlink(address->sun_path);
	if (fd >= 0)
		(void)close(fd);
}

enum jt_result jt_usage_listen(struct jt_usage *u, const char *path, struct jt_why *why)
{
	const size_t length = strlen(path);
	const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	enum jt_result r = fd < 0 ? JT_IO : JT_OK;

	if (length >= sizeof(u->address.sun_path)) {
		r = jt_why_say(why, JT_TOO_LONG, "%s is too long a path for a socket", path);
		goto out;
	}
	u->address.sun_family = AF_UNIX;
	memcpy(u->address.sun_path, path, length + 1);
	remove_old(&u->address);
	if (r == JT_OK && (bind(fd, (const struct sockaddr *)&u->address, sizeof(u->address)) != 0 ||
				  chmod(path, 0660) != 0 || listen(fd, BACKLOG) != 0))
		r = jt_why_say(why, JT_IO, "cannot listen on %s: %s", path, strerrordesc_np(errno));
out:
	if (r == JT_OK)
		u->listener = fd;
	else if (fd >= 0)
		(void)close(fd);
	return r;
}

void jt_usage_unlisten(struct jt_usage *u)
{
	if (u->listener < 0)
		return;
	(void)unlink(u->address.sun_path);
	(void)close(u->listener);
	u->listener = -1;
}

/* Counts, and says so once a minute: whoever is refused can come again as fast as it likes. */
static void refuse(struct jt_usage *u, const char *why, const struct jt_usage_verifier *v)
{
	const int64_t now_ns = jt_clock_mono_ns();

	u->counts.refused++;
	if (u->complained_ns && now_ns - u->complained_ns < COMPLAIN_NS)
		return;
	u->complained_ns = now_ns;
	jt_log(JT_LOG_WARN, "a verifier's usage is refused", JT_LT("why", why), JT_LN("uid", v->uid),
		JT_LN("pid", v->pid), JT_LN("refused", (long long)u->counts.refused));
}

void jt_usage_drop(struct jt_usage *u, size_t i)
{
	jt_drain_free(u->verifier[i].drain);
	(void)close(u->verifier[i].socket);
	u->verifier[i] = u->verifier[--u->count];
}

static unsigned of_user(const struct jt_usage *u, uid_t uid)
{
	unsigned count = 0;

	for (size_t i = 0; i < u->count; i++)
		count += u->verifier[i].uid == uid;
	return count;
}

static void let_in(struct jt_usage *u, int fd)
{
	struct jt_usage_verifier v = {.socket = fd, .since_ns = jt_clock_mono_ns()};
	struct ucred peer = {.uid = (uid_t)-1};
	socklen_t size = sizeof(peer);
	const char *why = NULL;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
		why = "nobody knows whose it is";
	v.uid = peer.uid;
	v.pid = peer.pid;
	if (u->count >= JT_USAGE_VERIFIERS_MAX)
		why = "too many verifiers";
	else if (of_user(u, v.uid) >= JT_USAGE_VERIFIERS_UID_MAX)
		why = "too many verifiers of this user";
	if (why) {
		refuse(u, why, &v);
		(void)close(fd);
	} else {
		u->verifier[u->count++] = v;
	}
}

void jt_usage_accept(struct jt_usage *u)
{
	for (unsigned i = 0; i < ACCEPT_AT_ONCE; i++) {
		const int fd = accept4(u->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			return;
		let_in(u, fd);
	}
}

/* The memory that has come. JT_DONE: none yet. */
static enum jt_result receive(struct jt_usage_verifier *v)
{
	int fd = -1;
	enum jt_result r = jt_hand_receive(v->socket, &fd);

	if (r != JT_OK)
		return r;
	r = jt_drain_open(fd, &v->drain);
	(void)close(fd);
	if (r == JT_OK)
		jt_log(JT_LOG_DEBUG, "a verifier's usage is recorded", JT_LN("uid", v->uid), JT_LN("pid", v->pid));
	return r;
}

void jt_usage_hear(struct jt_usage *u, size_t i)
{
	struct jt_usage_verifier *v = &u->verifier[i];
	enum jt_result r = JT_OK;

	if (v->drain) { /* it has nothing more to say: this is its end */
		for (unsigned n = 0; n < LAST_PASSES && jt_usage_pass(u, v->drain); n++)
			continue;
		jt_log(JT_LOG_DEBUG, "a verifier has ended", JT_LN("uid", v->uid), JT_LN("pid", v->pid));
		jt_usage_drop(u, i);
		return;
	}
	r = receive(v);
	if (r == JT_OK || r == JT_DONE)
		return;
	refuse(u, "it did not hand over a memory of our format", v);
	jt_usage_drop(u, i);
}

void jt_usage_drop_silent(struct jt_usage *u)
{
	const int64_t before_ns = jt_clock_mono_ns() - JT_USAGE_GREETING_S * JT_NS_PER_S;

	for (size_t i = u->count; i-- > 0;) {
		if (u->verifier[i].drain || u->verifier[i].since_ns > before_ns)
			continue;
		refuse(u, "it said nothing", &u->verifier[i]);
		jt_usage_drop(u, i);
	}
}
