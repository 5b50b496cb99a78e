/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/input.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static enum jt_result read_line(uint8_t *line, size_t max, size_t *size)
{
	size_t n = 0;

	for (;;) {
		uint8_t c = 0;
		ssize_t got = read(STDIN_FILENO, &c, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return JT_IO;
		if (got == 0 && n == 0)
			return JT_TRUNCATED;
		if (got == 0 || c == '\n')
			break;
		if (n == max)
			return JT_TOO_LONG;
		line[n++] = c;
	}
	if (n > 0 && line[n - 1] == '\r')
		n--;
	*size = n;
	return JT_OK;
}

enum jt_result jt_input_secret(const char *prompt, size_t max, struct jt_secret **out)
{
	struct jt_secret *line = NULL;
	struct termios before, quiet;
	enum jt_result r = JT_OK;
	size_t size = 0;
	bool terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &before) == 0;

	*out = NULL;
	if ((r = jt_secret_new(max, &line)) != JT_OK)
		return r;
	if (terminal) {
		quiet = before;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		fprintf(stderr, "%s: ", prompt);
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	r = read_line(jt_secret_bytes(line), max, &size);
	if (terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		fputc('\n', stderr);
	}
	if (r == JT_OK)
		r = size > 0 ? jt_secret_copy(jt_secret_view(line), size, out) : JT_TRUNCATED;
	jt_secret_free(&line);
	return r;
}
