/* SPDX-License-Identifier: Apache-2.0 */
#include "jeton.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

/* A reader whose wall clock libfaketime moves: reads lines "TOKEN\n" and answers each with the result's number and the second
 * that this process takes for UTC. zero_clock TABLE */
int main(int argc, char **argv)
{
	struct jeton *j = NULL;
	char line[128];

	if (argc != 2 || jeton_open(argv[1], &j) != JETON_ALLOWED)
		return 2;
	while (fgets(line, sizeof(line), stdin)) {
		size_t length = strcspn(line, "\n");

		printf("%d %lld\n", (int)jeton_verify(j, line, length, NULL, NULL), (long long)time(NULL));
		(void)fflush(stdout);
	}
	jeton_close(j);
	return 0;
}
