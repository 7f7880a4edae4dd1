// SPDX-License-Identifier: GPL-2.0-only
#include "src/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Parses words separated by one space. */
static int parse_as(const char *name, const char *words, struct options *o, struct failure *why)
{
	static char line[256]; /* options point there */
	char *argv[32] = {(char *)name}, *next = line;
	int argc = 1;

	snprintf(line, sizeof(line), "%s", words);
	while (*line && next)
		argv[argc++] = strsep(&next, " ");
	*why = (struct failure){0};
	return options_parse(argc, argv, o, why);
}

static int parse(const char *words, struct options *o, struct failure *why)
{
	return parse_as("tcpretop", words, o, why);
}

static struct options good(const char *words)
{
	struct failure why;
	struct options o;

	if (parse(words, &o, &why))
		fail_msg("'%s': %s", words, why.text);
	return o;
}

/* Refused as bad usage, in one line that has this text and the hint. */
static void bad(const char *words, const char *text)
{
	struct failure why;
	struct options o;

	if (!parse(words, &o, &why))
		fail_msg("'%s' was taken", words);
	assert_int_equal(why.status, EXIT_USAGE);
	if (!strstr(why.text, text) || !strstr(why.text, "; try 'tcpretop --help'") ||
	    strchr(why.text, '\n'))
		fail_msg("'%s' says: %s", words, why.text);
}

static void test_defaults(void **state)
{
	struct options o;

	(void)state;
	unsetenv("NO_COLOR");
	o = good("");
	assert_int_equal(o.mode, MODE_VIEWER);
	assert_int_equal(o.output, OUTPUT_TEXT);
	assert_true(o.delay == 1);
	assert_false(o.delay_given);
	assert_int_equal(o.iterations, -1);
	assert_int_equal(o.rows, 50);
	assert_int_equal(o.max_flows, 65536);
	assert_int_equal(o.view.sort, FIELD_RETR);
	assert_false(o.view.reverse);
	assert_false(o.view.tlp);
	assert_int_equal(o.view.family, 0);
	assert_true(o.color && o.mouse && !o.ascii && !o.verbose && !o.sequence);
}

static bool equal(const struct options *a, const struct options *b)
{
	return a->mode == b->mode && a->delay == b->delay && a->iterations == b->iterations &&
	       a->sequence == b->sequence && a->color == b->color && a->mouse == b->mouse &&
	       a->view.tlp == b->view.tlp && a->view.family == b->view.family &&
	       a->view.sort == b->view.sort && a->view.group == b->view.group;
}

static void test_long_and_short(void **state)
{
	static const char *const same[][2] = {
		{"-e", "--events"},
		{"-c", "--count"},
		{"-b", "--batch"},
		{"-l", "--lossprobe"},
		{"-s", "--sequence"},
		{"-d 2.5", "--delay=2.5"},
		{"-n 3", "--iterations 3"},
		{"-o RTT", "--sort RTT"},
		{"-g subnet", "--group subnet"},
		{"-C", "--no-color"},
		{"-M", "--no-mouse"},
		{"-w -", "--record=-"},
		{"-r x -w y", "--replay x --record y"},
		{"-V", "--version"},
		{"-h", "--help"},
		{"-els4", "--events --lossprobe --sequence --ipv4"},
		{"-6", "--ipv6"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		struct options a = good(same[i][0]), b = good(same[i][1]);

		if (!equal(&a, &b))
			fail_msg("%s is not %s", same[i][0], same[i][1]);
	}
	assert_int_equal(good("-V").mode, MODE_VERSION);
	assert_int_equal(good("-h --nonsense").mode, MODE_HELP);
	assert_true(good("--ascii").ascii);
	assert_true(good("--verbose").verbose);
}

static void test_modes_and_outputs(void **state)
{
	(void)state;
	assert_int_equal(good("-e -e").mode, MODE_EVENTS);
	bad("-e -c", "-e, -c, -b and --doctor");
	bad("-bc", "-e, -c, -b and --doctor");
	assert_int_equal(good("--json").mode, MODE_BATCH);
	assert_int_equal(good("--csv").mode, MODE_BATCH);
	assert_int_equal(good("--json -e").mode, MODE_EVENTS);
	bad("--json --csv", "--json and --csv");
	bad("--resolve -e", "--resolve is for the viewer");
	bad("-c --resolve", "--resolve is for the viewer");
	bad("--json --resolve", "--resolve is for the viewer");
	assert_true(good("--resolve").resolve);
	assert_false(good("").resolve);
	assert_int_equal(good("-4").view.family, 4);
	assert_int_equal(good("-6 -6").view.family, 6);
	bad("-4 -6", "-4 and -6");
}

static void test_numbers(void **state)
{
	static const char *const delays[] = {"0",  "0.09", "3600.1", "-1", "nan", "inf",
					     "1s", "0x1",  "1,5",    "",   ".",   "1.2.3"};
	char words[64];

	(void)state;
	for (size_t i = 0; i < sizeof(delays) / sizeof(*delays); i++) {
		snprintf(words, sizeof(words), "-d %s", delays[i]);
		bad(words, "0.1 to 3600");
		bad(words, delays[i]);
	}
	assert_true(good("-d 0.1").delay == 0.1);
	assert_true(good("-d 3600").delay == 3600);
	assert_true(good("-d .5").delay_given);
	assert_int_equal(good("-n 1").iterations, 1);
	bad("-n 0", "'0'");
	bad("-n -1", "'-1'");
	bad("-n 1e3", "'1e3'");
	bad("-n 99999999999999999999", "whole number");
	assert_int_equal(good("--rows 0").rows, 0);
	bad("--rows ten", "'ten'");
	assert_int_equal(good("--max-flows 256").max_flows, 256);
	assert_int_equal(good("--max-flows 16777216").max_flows, 1 << 24);
	bad("--max-flows 255", "256 to 16777216, not '255'");
	bad("--max-flows 16777217", "256 to 16777216");
}

static void test_tlp_way(void **state)
{
	(void)state;
	assert_false(good("").tlp_way_given);
	assert_true(good("--tlp-way none").tlp_way_given);
	assert_int_equal(good("--tlp-way none").tlp_way, TLP_NONE);
	assert_int_equal(good("--tlp-way timer").tlp_way, TLP_TIMER);
	assert_int_equal(good("--tlp-way kprobe").tlp_way, TLP_KPROBE);
	assert_int_equal(good("--tlp-way none --tlp-way fentry").tlp_way, TLP_FENTRY);
	bad("--tlp-way best", "fentry, kprobe, timer or none, not 'best'");
	bad("--tlp-way ", "not ''");
	bad("--tlp-way", "needs a value");
}

static void test_columns(void **state)
{
	struct options o;

	(void)state;
	o = good("-o -RTT");
	assert_int_equal(o.view.sort, FIELD_RTT);
	assert_true(o.view.reverse);
	o = good("--sort=-rtowait");
	assert_int_equal(o.view.sort, FIELD_RTO_WAIT);
	assert_true(o.view.reverse);
	assert_false(good("-o -RTT -o cwnd").view.reverse);
	bad("-o foo", "no column 'foo'");
	bad("-o foo", "RETR, RETR/s,");
	bad("-o RTTT", "did you mean RTT?");
	bad("-o -RTTT", "no column 'RTTT'");
	bad("-o -", "no column ''");

	o = good("--columns RADDR,retr,RTO");
	assert_true(o.view.columns_given);
	assert_int_equal(o.view.ncolumns, 3);
	assert_int_equal(o.view.columns[0], FIELD_RADDR);
	assert_int_equal(o.view.columns[1], FIELD_RETR);
	assert_int_equal(o.view.columns[2], FIELD_RTO);
	bad("--columns RTT,,CWND", "no column ''");
	bad("--columns RTT,CAUS", "did you mean CAUSE?");
	bad("--columns RTT,rtt", "RTT twice");
	bad("--columns ", "no column ''");
}

static void test_groups(void **state)
{
	struct options o = good("-g Cause -o FLOWS");

	(void)state;
	assert_int_equal(o.view.group, GROUP_CAUSE);
	assert_int_equal(o.view.sort, FIELD_FLOWS);
	assert_int_equal(good("").view.group, GROUP_FLOW);
	assert_int_equal(good("-g remote -g flow -o RTT").view.group, GROUP_FLOW);
	bad("-g hosts", "-g takes flow, remote, subnet, lport, rport, process, cgroup, netns, host "
			"or cause, not 'hosts'");
	bad("-g ", "not ''");
	bad("-g", "-g (--group) needs a value");
	bad("-o RTT -g remote", "-o RTT is not known of the groups of -g remote");
	bad("-g cause -o RATIO", "-o RATIO is not known of the groups of -g cause");
	bad("-o group", "-o GROUP is for groups: add -g");
}

static void test_unknown(void **state)
{
	(void)state;
	bad("-x", "no option -x");
	bad("-ex", "no option -x");
	bad("--nonsense", "no option --nonsense");
	bad("--nonsense=3", "no option --nonsense");
	bad("--co", "--co is short for more than one");
	bad("--json=3", "--json takes no value");
	bad("-d", "-d (--delay) needs a value");
	bad("--rows", "--rows needs a value");
	bad("-e eth0", "'eth0'");
	bad("-e -- -b", "'-b'");
	bad("--no\nsense", "no option --no?sense");
}

static void test_no_color(void **state)
{
	(void)state;
	setenv("NO_COLOR", "1", 1);
	assert_false(good("").color);
	setenv("NO_COLOR", "", 1);
	assert_true(good("").color);
	unsetenv("NO_COLOR");
	assert_false(good("-C").color);
}

static void test_recordings(void **state)
{
	struct options o = good("-r a");

	(void)state;
	assert_true(o.mode == MODE_VIEWER && o.replay && !o.record && !o.speed_given);
	assert_int_equal(good("-w a").mode, MODE_VIEWER);
	assert_int_equal(good("-w a --json").mode, MODE_BATCH);
	assert_int_equal(good("-w a -e").mode, MODE_EVENTS);
	/* Nothing is shown where there is no place for it, or nobody asked. */
	assert_int_equal(good("-w -").mode, MODE_RECORD);
	assert_int_equal(good("-r a -w b").mode, MODE_RECORD);
	assert_int_equal(good("-r a -w b -c").mode, MODE_COUNT);
	bad("-w - -e", "-w - needs standard output");
	bad("-w - -b", "-w - needs standard output");
	bad("-w - --csv", "-w - needs standard output");
	o = good("-r a --speed 2.5");
	assert_true(o.speed_given && o.speed == 2.5);
	o = good("-r a --speed max");
	assert_true(o.speed_given && o.speed == 0);
	bad("--speed 2", "--speed is for a replay");
	bad("-r a --speed 0", "not '0'");
	bad("-r a --speed 1e3", "not '1e3'");
	bad("-r a --speed fast", "not 'fast'");
	bad("-r", "-r (--replay) needs a value");
}

static void test_doctor(void **state)
{
	(void)state;
	assert_int_equal(good("--doctor").mode, MODE_DOCTOR);
	assert_int_equal(good("--doctor --verbose").mode, MODE_DOCTOR);
	bad("--doctor -b", "exclude each other");
	bad("-e --doctor", "exclude each other");
	bad("--doctor -w -", "--doctor goes without -r, --host, -w, --metrics, --json and --csv");
	bad("--doctor -r a", "--doctor goes without -r");
	bad("--doctor --json", "--doctor goes without -r");
	bad("--doctor=all", "--doctor takes no value");
}

/* How many columns tell the host, where the settings have one that does. */
static unsigned int host_columns(const char *words)
{
	char line[32], *argv[8] = {(char *)"tcpretop"}, *next = line;
	struct failure why = {0};
	struct options o;
	unsigned int n = 0;
	int argc = 1;

	snprintf(line, sizeof(line), "%s", words);
	while (next)
		argv[argc++] = strsep(&next, " ");
	options_init(&o);
	o.view.columns[1] = FIELD_HOST;
	assert_int_equal(options_take(argc, argv, &o, &why), 0);
	for (unsigned int i = 0; i < o.view.ncolumns; i++)
		n += o.view.columns[i] == FIELD_HOST;
	options_free(&o);
	return n;
}

static void the_only_column_stays(void **state)
{
	char *argv[] = {(char *)"tcpretop", NULL};
	struct failure why = {0};
	struct options o;

	(void)state;
	options_init(&o);
	o.view.columns[0] = FIELD_HOST;
	o.view.ncolumns = 1;
	assert_int_equal(options_take(1, argv, &o, &why), 0);
	assert_int_equal(o.view.ncolumns, 1);
	options_free(&o);
}

static void test_hosts(void **state)
{
	struct options o = good("--host a --host root@b -r c");

	(void)state;
	assert_int_equal(o.nhosts, 3);
	assert_string_equal(o.hosts[1].name, "root@b");
	assert_true(o.hosts[1].by_ssh && !o.hosts[2].by_ssh && !strcmp(o.replay, "c"));
	/* The column is among those that are shown by themselves. */
	assert_true(o.view.ncolumns == good("--host a").view.ncolumns + 1);
	assert_int_equal(good("--host a --host b --columns retr").view.ncolumns, 1);
	assert_int_equal(host_columns("--host a --host b"), 1);
	assert_int_equal(host_columns("--host a"), 0);
	assert_int_equal(good("--host a -w b").mode, MODE_VIEWER);
	bad("--host -oProxyCommand=x", "--host takes a name for ssh, not '-oProxyCommand=x'");
	bad("--host a@-b", "--host takes a name for ssh");
	bad("--host a@", "--host takes a name for ssh");
	bad("--host @a", "--host takes a name for ssh");
	bad("--host a\tb", "--host takes a name for ssh");
	bad("--host a --host b -w c", "-w records one host");
	bad("-r a -r b --speed 2", "--speed is for a replay: add one -r");
	bad("--host a --speed 2", "--speed is for a replay");
	bad("--host a --doctor", "--doctor goes without -r, --host");
}

/* bcc's tool as it is called, and what tcpretop can beyond that. */
static void test_tcpretrans(void **state)
{
	static const struct {
		const char *words;
		enum mode mode;
	} calls[] = {
		{"", MODE_EVENTS},        {"-l", MODE_EVENTS},     {"-s -4", MODE_EVENTS},
		{"-6", MODE_EVENTS},      {"-c", MODE_COUNT},      {"-cl", MODE_COUNT},
		{"-h", MODE_HELP},        {"--count", MODE_COUNT}, {"--lossprobe", MODE_EVENTS},
		{"--json", MODE_EVENTS},  {"-b", MODE_BATCH},      {"--doctor", MODE_DOCTOR},
		{"-w file", MODE_EVENTS},
	};
	static const char *const names[] = {"tcpretrans", "/usr/sbin/tcpretrans", "./tcpretrans"};
	struct failure why;
	struct options o;

	(void)state;
	for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++) {
		for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
			assert_int_equal(parse_as(names[n], calls[i].words, &o, &why), 0);
			assert_int_equal(o.mode, calls[i].mode);
			assert_true(o.tcpretrans);
		}
	}
	assert_int_equal(parse_as("tcpretrans.old", "", &o, &why), 0);
	assert_int_equal(o.mode, MODE_VIEWER);
	assert_int_equal(parse_as("tcpretrans/tcpretop", "", &o, &why), 0);
	assert_int_equal(o.mode, MODE_VIEWER);
	assert_int_equal(parse_as("tcpretrans", "-4 -6", &o, &why), -1);
	assert_int_equal(why.status, EXIT_USAGE);
}

/* The help, to be freed. */
static char *help(bool tcpretrans)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	options_help(f, tcpretrans);
	fclose(f);
	return text;
}

static void check_lines(char *text)
{
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		size_t len = strlen(line);

		if (len > 80 || line[len - 1] == ' ')
			fail_msg("too long, or ends in a blank: '%s'", line);
	}
}

static void test_help(void **state)
{
	static const char *const words[] = {
		"-e, --events", "-n, --iterations N", "    --columns A,B,...",
		"-h, --help",   "RTO WAIT/s,",        "Exit status: 0 fine",
	};
	char *text = help(false);

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!strstr(text, words[i]))
			fail_msg("no '%s' in the help", words[i]);
	}
	assert_null(strstr(text, "tlp-way"));
	check_lines(text);
	free(text);
	text = help(true);
	assert_non_null(strstr(text, "usage: tcpretrans "));
	assert_non_null(strstr(text, "-s, --sequence"));
	assert_null(strstr(text, "--json"));
	check_lines(text);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_long_and_short),
		cmocka_unit_test(test_modes_and_outputs),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_tlp_way),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_no_color),
		cmocka_unit_test(test_recordings),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(the_only_column_stays),
		cmocka_unit_test(test_tcpretrans),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_doctor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
