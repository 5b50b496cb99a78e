/* SPDX-License-Identifier: Apache-2.0 */
#include "http/listen_unix.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 1024
#define MODE 0660

static enum jt_result read_path(const char *address, struct sockaddr_un *out, const char **path, struct jt_why *why)
{
	static const char scheme[] = "unix:";
	size_t size = sizeof(scheme) - 1;

	if (strncmp(address, scheme, size) != 0 || address[size] == '\0')
		return jt_why_say(why, JT_VALIDATION, "'%.80s' is not unix: and a path", address);
	*path = address + size;
	size = strlen(*path) + 1;
	if (size > sizeof(out->sun_path))
		return jt_why_say(
			why, JT_VALIDATION, "the path of a socket has at most %zu bytes", sizeof(out->sun_path) - 1);
	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(out->sun_path, *path, size);
	return JT_OK;
}

static int make_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* Makes room at the path: nothing is there, or a socket that nobody listens on any more. */
static enum jt_result clear(const struct sockaddr_un *at, struct jt_why *why)
{
	struct stat found;
	int fd = -1, refused = 0;

	if (lstat(at->sun_path, &found) != 0)
		return errno == ENOENT ? JT_OK : jt_why_say(why, JT_IO, "%s: %s", at->sun_path, strerror(errno));
	if (!S_ISSOCK(found.st_mode))
		return jt_why_say(why, JT_IO, "%s is there, and is no socket", at->sun_path);
	fd = make_socket();
	if (fd < 0)
		return jt_why_say(why, JT_IO, "%s", strerror(errno));
	refused = connect(fd, (const struct sockaddr *)at, sizeof(*at)) != 0 ? errno : 0;
	(void)close(fd);
	if (refused != ECONNREFUSED)
		return jt_why_say(why, JT_IO, "%s: another server listens there", at->sun_path);
	return unlink(at->sun_path) == 0 ? JT_OK : jt_why_say(why, JT_IO, "%s: %s", at->sun_path, strerror(errno));
}

static enum jt_result listen_at(int fd, const struct sockaddr_un *at, struct jt_why *why)
{
	/* The mode of the descriptor is the most that the file gets when it is made, whatever the umask: it is never wider. */
	if (fd < 0 || fchmod(fd, MODE) != 0 || bind(fd, (const struct sockaddr *)at, sizeof(*at)) != 0 ||
		chmod(at->sun_path, MODE) != 0 || listen(fd, BACKLOG) != 0)
		return jt_why_say(why, JT_IO, "%s: %s", at->sun_path, strerror(errno));
	return JT_OK;
}

enum jt_result jt_listen_unix(const char *address, int *fd, const char **path, struct jt_why *why)
{
	struct sockaddr_un at;
	enum jt_result r = read_path(address, &at, path, why);

	*fd = -1;
	if (r == JT_OK)
		r = clear(&at, why);
	if (r != JT_OK)
		return r;
	*fd = make_socket();
	r = listen_at(*fd, &at, why);
	if (r != JT_OK && *fd >= 0) {
		(void)close(*fd);
		*fd = -1;
	}
	return r;
}
