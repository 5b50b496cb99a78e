/* SPDX-License-Identifier: Apache-2.0 */
#ifndef JT_TEST_AUTHORITY_FIXTURE_H
#define JT_TEST_AUTHORITY_FIXTURE_H

#include "authority/authority.h"
#include "base/secret.h"

#include <stdio.h>
#include <stdlib.h>

/* An authority over a new database in a directory of its own, with one org, as a server has it. */
struct fixture {
	char directory[64];
	char run[64]; /* of its own: a server that runs on this machine is not disturbed */
	struct jt_authority *au;
	struct jt_made_org made;
};

static inline int fixture_open(struct fixture *f)
{
	const struct jt_new_org order = {.name = "Test", .owner_email = "o@example.com"};
	struct jt_authority_options options = {.as = JT_OPEN_SERVE, .data = f->directory, .run = f->run};
	struct jt_why why = {0};

	(void)snprintf(f->directory, sizeof(f->directory), "/tmp/jeton-authority-XXXXXX");
	(void)snprintf(f->run, sizeof(f->run), "/dev/shm/jeton-authority-XXXXXX");
	return jt_secret_start() == JT_OK && mkdtemp(f->directory) && mkdtemp(f->run) &&
			       jt_authority_init(f->directory, NULL, &order, &f->made, &why) == JT_OK &&
			       jt_authority_open(&options, &f->au, &why) == JT_OK
		       ? 0
		       : -1;
}

static inline int fixture_close(struct fixture *f)
{
	char command[160];

	jt_authority_close(f->au);
	(void)snprintf(command, sizeof(command), "rm -r '%s' '%s'", f->directory, f->run);
	return system(command) == 0 ? 0 : -1;
}

#endif
