// SPDX-License-Identifier: GPL-2.0-only
#include "tests/lab/traffic_options.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void usage(int status)
{
	fputs("usage: traffic server PORT [options]\n"
	      "       traffic client PORT [options] ADDR...\n"
	      "  -w A+9xB!  write a piece of A and nine of B bytes, those marked, as one burst;\n"
	      "             none: only read\n"
	      "  -g MS      gap between bursts; 0 is none\n"
	      "  -n N       client: flows;  -j N  connections started per second\n"
	      "  -t BYTES   close after so many bytes;  -l MS  client: close after so long\n"
	      "  -a MS      client: connect again after so long; -1 never\n"
	      "  -R         close with a reset\n"
	      "  -p PORT    client: first source port, one per flow\n"
	      "  -S STOP:GO server: do not read for STOP ms, then read for GO ms, and so on\n"
	      "  -4 | -6    server: this family only\n"
	      "  -m MSS  -c CONGESTION  -r BYTES/S  -b RCVBUF  -B SNDBUF  -N NAME\n"
	      "SIGUSR1 stops writing and connecting, SIGUSR2 goes on, SIGTERM closes and ends.\n",
	      status ? stderr : stdout);
	exit(status);
}

static int64_t number(const char *s, const char *what)
{
	char *end;
	double v = strtod(s, &end);

	if (*end == 'k' || *end == 'K')
		v *= 1e3, end++;
	else if (*end == 'm' || *end == 'M')
		v *= 1e6, end++;
	if (end == s || *end || v < 0 || v > 1e15) {
		fprintf(stderr, "traffic: %s: not a number: %s\n", what, s);
		exit(2);
	}
	return (int64_t)v;
}

static void parse_pieces(struct traffic_options *o, char *s)
{
	char *save, *word;

	for (word = strtok_r(s, "+", &save); word; word = strtok_r(NULL, "+", &save)) {
		char *x = strchr(word, 'x');
		int times = 1;
		size_t len;
		struct piece p;

		if (x) {
			*x = '\0';
			times = (int)number(word, "-w");
			word = x + 1;
		}
		len = strlen(word);
		p.marked = len && word[len - 1] == '!';
		if (p.marked)
			word[len - 1] = '\0';
		p.len = (size_t)number(word, "-w");
		for (; p.len && times > 0 && o->npieces < MAX_PIECES; times--)
			o->pieces[o->npieces++] = p;
	}
}

static void parse_addr(struct traffic_options *o, const char *s)
{
	struct sockaddr_in6 *a = &o->addrs[o->naddrs];

	if (o->naddrs++ == MAX_ADDRS) {
		fprintf(stderr, "traffic: too many addresses\n");
		exit(2);
	}
	if (inet_pton(AF_INET, s, &((struct sockaddr_in *)a)->sin_addr) == 1) {
		a->sin6_family = AF_INET;
	} else if (inet_pton(AF_INET6, s, &a->sin6_addr) == 1) {
		a->sin6_family = AF_INET6;
	} else {
		fprintf(stderr, "traffic: not an address: %s\n", s);
		exit(2);
	}
	a->sin6_port = htons((uint16_t)o->port);
}

static void parse_stall(struct traffic_options *o, char *s)
{
	char *colon = strchr(s, ':');

	if (!colon)
		usage(2);
	*colon = '\0';
	o->stall = number(s, "-S");
	o->go = number(colon + 1, "-S");
}

static const struct {
	char letter;
	size_t at;
} numbers[] = {
	{'g', offsetof(struct traffic_options, gap)},
	{'n', offsetof(struct traffic_options, flows)},
	{'j', offsetof(struct traffic_options, ramp)},
	{'t', offsetof(struct traffic_options, total)},
	{'l', offsetof(struct traffic_options, life)},
	{'p', offsetof(struct traffic_options, sport)},
	{'m', offsetof(struct traffic_options, mss)},
	{'r', offsetof(struct traffic_options, rate)},
	{'b', offsetof(struct traffic_options, rcvbuf)},
	{'B', offsetof(struct traffic_options, sndbuf)},
};

/* False if it takes no number. */
static bool parse_number(struct traffic_options *o, int letter)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		const char name[] = {'-', (char)letter, '\0'};

		if (numbers[i].letter != letter)
			continue;
		*(int64_t *)((char *)o + numbers[i].at) = number(optarg, name);
		return true;
	}
	return false;
}

static void parse_other(struct traffic_options *o, int letter)
{
	switch (letter) {
	case 'w':
		parse_pieces(o, optarg);
		break;
	case 'a':
		o->again = *optarg == '-' ? -1 : number(optarg, "-a");
		break;
	case 'R':
		o->rst = true;
		break;
	case 'S':
		parse_stall(o, optarg);
		break;
	case '4':
	case '6':
		o->family = letter - '0';
		break;
	case 'c':
		o->cc = optarg;
		break;
	case 'N':
		o->name = optarg;
		break;
	default:
		usage(letter == 'h' ? 0 : 2);
	}
}

void traffic_options_parse(struct traffic_options *o, int argc, char **argv)
{
	int letter;

	if (argc < 2 || (strcmp(argv[1], "server") && strcmp(argv[1], "client")))
		usage(argc == 2 && !strcmp(argv[1], "-h") ? 0 : 2);
	*o = (struct traffic_options){.flows = 1, .ramp = 5000, .again = 1000};
	o->server = !strcmp(argv[1], "server");
	if (argc < 3)
		usage(2);
	o->port = number(argv[2], "port");
	argv += 2;
	argc -= 2;
	while ((letter = getopt(argc, argv, "w:g:n:j:t:l:a:Rp:S:46m:c:r:b:B:N:h")) != -1)
		if (!parse_number(o, letter))
			parse_other(o, letter);
	for (; optind < argc; optind++)
		parse_addr(o, argv[optind]);
	if (!o->server && !o->naddrs)
		usage(2);
	if (!o->ramp)
		o->ramp = 1;
}
