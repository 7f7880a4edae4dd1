// SPDX-License-Identifier: GPL-2.0-only
/* Paths of cgroups as they are met, and the files in which runtimes keep names. */
#include "src/cgroup.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define ID "4b8c4a6e9f0d1c2b3a4958677665544332211000ffeeddccbbaa998877665544"
#define OTHER "00000000000000000000000000000000000000000000000000000000000000aa"
#define UID "0a1b2c3d-1111-2222-3333-444455556666"
#define UID_ "0a1b2c3d_1111_2222_3333_444455556666"

static const struct {
	const char *path, *unit, *container, *pod, *runtime;
} paths[] = {
	{"/", "", "", "", NULL},
	{"", "", "", "", NULL},
	{"/init.scope", "init.scope", "", "", NULL},
	{"/system.slice", "system.slice", "", "", NULL},
	{"/system.slice/nginx.service", "nginx.service", "", "", NULL},
	{"/system.slice/system-postgresql.slice/postgresql@15-main.service",
	 "postgresql@15-main.service", "", "", NULL},
	{"/system.slice/foo.service/worker", "foo.service", "", "", NULL},
	{"/user.slice/user-1000.slice/session-3.scope", "session-3.scope", "", "", NULL},
	{"/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-firefox-4242.scope",
	 "app-gnome-firefox-4242.scope", "", "", NULL},
	{"/user.slice/user-1000.slice/user@1000.service/init.scope", "init.scope", "", "", NULL},
	{"/machine.slice/machine-qemu\\x2d1\\x2dweb.scope/libvirt/emulator",
	 "machine-qemu\\x2d1\\x2dweb.scope", "", "", NULL},
	{"/machine.slice/systemd-nspawn@web.service/payload", "systemd-nspawn@web.service", "", "",
	 NULL},
	/* Docker, with the systemd and the cgroupfs driver, and nested */
	{"/system.slice/docker-" ID ".scope", "docker-" ID ".scope", ID, "", "docker"},
	{"/docker/" ID, "", ID, "", "docker"},
	{"/docker/" ID "/system.slice/cron.service", "cron.service", ID, "", "docker"},
	{"/docker/" OTHER "/docker/" ID, "", ID, "", "docker"},
	{"/system.slice/docker.service", "docker.service", "", "", NULL},
	/* Podman */
	{"/machine.slice/libpod-" ID ".scope/container", "libpod-" ID ".scope", ID, "", "podman"},
	{"/libpod_parent/libpod-" ID, "", ID, "", "podman"},
	{"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope/container",
	 "libpod-" ID ".scope", ID, "", "podman"},
	{"/machine.slice/libpod-conmon-" ID ".scope", "libpod-conmon-" ID ".scope", "", "", NULL},
	/* Kubernetes */
	{"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_
	 ".slice/cri-containerd-" ID ".scope",
	 "cri-containerd-" ID ".scope", ID, UID_, "containerd"},
	{"/kubepods.slice/kubepods-pod" UID_ ".slice/crio-" ID ".scope", "crio-" ID ".scope", ID,
	 UID_, "cri-o"},
	{"/kubepods.slice/kubepods-pod" UID_ ".slice/crio-conmon-" ID ".scope",
	 "crio-conmon-" ID ".scope", "", UID_, NULL},
	{"/kubepods/besteffort/pod" UID "/" ID, "", ID, UID, NULL},
	{"/kubepods/pod" UID "/crio-" ID, "", ID, UID, "cri-o"},
	{"/kubepods/burstable/pod5d0b2d1a0c4f4c6fb0f6a0f5a6b7c8d9/" ID, "", ID,
	 "5d0b2d1a0c4f4c6fb0f6a0f5a6b7c8d9", NULL},
	{"/system.slice/containerd.service/kubepods-burstable-pod" UID_ ".slice:cri-containerd:" ID,
	 "containerd.service", ID, "", "containerd"},
	{"/docker/" OTHER "/kubelet/kubepods/pod" UID "/" ID, "", ID, UID, NULL},
	/* nerdctl, ctr, ECS */
	{"/system.slice/nerdctl-" ID ".scope", "nerdctl-" ID ".scope", ID, "", "containerd"},
	{"/default/" ID, "", ID, "", NULL},
	{"/ecs/0123456789abcdef/" ID, "", ID, "", NULL},
	/* LXC, LXD, Incus */
	{"/lxc/web", "", "web", "", "lxc"},
	{"/lxc.payload.web/system.slice/ssh.service", "ssh.service", "web", "", "lxc"},
	{"/lxc.payload/web", "", "web", "", "lxc"},
	{"/lxc.monitor.web", "", "", "", NULL},
	/* What only looks like it */
	{"/docker/4b8c4a6e9f0d", "", "", "", NULL},
	{"/system.slice/docker-" ID "0.scope", "docker-" ID "0.scope", "", "", NULL},
	{"/system.slice/mine-" ID ".scope", "mine-" ID ".scope", "", "", NULL},
	{"/G" ID, "", "", "", NULL},
	{"/podcast", "", "", "", NULL},
	{"/pod", "", "", "", NULL},
	{"/.service", "", "", "", NULL},
	{"//system.slice//a.service//", "a.service", "", "", NULL},
	{"/lxc.payload.", "", "", "", NULL},
};

static void check_span(const char *path, struct span got, const char *want)
{
	if (got.len != strlen(want) || (got.len && memcmp(got.at, want, got.len)))
		fail_msg("%s: '%.*s' instead of '%s'", path, (int)got.len, got.at ? got.at : "",
			 want);
}

static void paths_as_listed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		struct cgroup_names n;

		cgroup_parse(paths[i].path, &n);
		check_span(paths[i].path, n.unit, paths[i].unit);
		check_span(paths[i].path, n.container, paths[i].container);
		check_span(paths[i].path, n.pod, paths[i].pod);
		if (paths[i].runtime)
			assert_string_equal(n.runtime ? n.runtime : "none", paths[i].runtime);
		else
			assert_null(n.runtime);
	}
}

static void docker(const char *json, const char *want)
{
	char name[64] = "";

	assert_int_equal(cgroup_docker_name(json, name, sizeof(name)), *want != 0);
	if (*want)
		assert_string_equal(name, want);
}

static void docker_names(void **state)
{
	char small[4];

	(void)state;
	docker("{\"StreamConfig\":{},\"ID\":\"" ID "\",\"Config\":{\"Labels\":{\"Name\":\"/no\"},"
	       "\"Env\":[\"A={\\\"Name\\\":\\\"/no\\\"}\"]},\"LogPath\":\"\",\"Name\":\"/web_1.a-b\","
	       "\"Driver\":\"overlay2\"}",
	       "web_1.a-b");
	docker("{\"Name\":\"/x\"}", "x");
	docker("{\"A\":\"\\\\\",\"Name\":\"/x\"}", "x");
	docker("{\"Config\":{\"Name\":\"/no\"}}", "");
	docker("{\"Name\":\"x\"}", "");
	docker("{\"Name\":\"/\"}", "");
	docker("{\"Name\":\"/a\\u001bb\"}", "");
	docker("{\"Name\":\"/a b\"}", "");
	docker("{\"Name\":null}", "");
	docker("{\"Name", "");
	docker("{\"Name\\", "");
	docker("]]}}{\"Name\":\"/x\"}", "x");
	docker("", "");
	assert_false(cgroup_docker_name("{\"Name\":\"/four\"}", small, sizeof(small)));
}

static void storage_names(void **state)
{
	static const char list[] =
		"[{\"id\":\"" OTHER "\",\"names\":[\"db\"],\"metadata\":\"{\\\"id\\\":\\\"" ID
		"\\\"}\"},{\"id\":\"" ID "\",\"names\":[\"web\",\"alias\"],\"layer\":\"x\"}]";
	const struct span id = {ID, CONTAINER_ID}, other = {OTHER, CONTAINER_ID};
	char name[64];

	(void)state;
	assert_true(cgroup_storage_name(list, id, name, sizeof(name)));
	assert_string_equal(name, "web");
	assert_true(cgroup_storage_name(list, other, name, sizeof(name)));
	assert_string_equal(name, "db");
	assert_false(cgroup_storage_name("[]", id, name, sizeof(name)));
	assert_false(cgroup_storage_name(list, (struct span){ID, 12}, name, sizeof(name)));
	assert_false(cgroup_storage_name("[{\"id\":\"" ID "\",\"names\":[\"", id, name, 64));
}

static void kube(const char *file, const char *want)
{
	const struct span id = {ID, CONTAINER_ID};
	char name[64];

	assert_int_equal(cgroup_kube_name(file, id, name, sizeof(name)), *want != 0);
	if (*want)
		assert_string_equal(name, want);
}

static void kube_names(void **state)
{
	(void)state;
	kube("coredns-5d78c9869d-abcde_kube-system_coredns-" ID ".log",
	     "coredns-5d78c9869d-abcde/coredns");
	kube("a_b_c-" ID ".log", "a/c");
	kube("a_b_c-" OTHER ".log", "");
	kube("a_b_c-" ID, "");
	kube("a_b_-" ID ".log", "");
	kube("_b_c-" ID ".log", "");
	kube("a_c-" ID ".log", "");
	kube("c-" ID ".log", "");
	kube("-" ID ".log", "");
	kube(ID ".log", "");
	kube(".log", "");
	kube("", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_as_listed),
		cmocka_unit_test(docker_names),
		cmocka_unit_test(storage_names),
		cmocka_unit_test(kube_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
