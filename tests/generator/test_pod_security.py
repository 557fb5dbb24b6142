"""What a Pod Security level refuses, by the fields that the standards list; each case is refused for one thing."""

# ruff: noqa: E501 -- a table reads better in long lines

from __future__ import annotations

import pytest

from tests.generator.fleets import Build, problems

LOCAL = "repository: {image: {path: /m}}"
SAFE = "allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}"

# What is refused, by lines of an entry: line and column, and the words after `refuses`.
BASELINE = {
    "podTemplate: {spec: {hostNetwork: true}}": "4:26 the host's network",
    "podTemplate: {spec: {hostPID: true}}": "4:26 the host's processes",
    "podTemplate: {spec: {hostIPC: true}}": "4:26 the host's IPC",
    "volumes: [{name: a, hostPath: {path: /}}]": "4:25 a hostPath volume",
    "volumes: [{name: a, emptyDir: null, hostPath: {path: /}}]": "4:41 a hostPath volume",
    "podTemplate: {spec: {volumes: [{name: a, hostPath: {path: /}}]}}": "4:46 a hostPath volume",
    "securityContext: {privileged: true}": "4:23 a privileged container",
    "securityContext: {capabilities: {add: [SYS_ADMIN]}}": "4:38 added capabilities",
    "securityContext: {procMount: Unmasked}": "4:23 an unmasked /proc",
    "securityContext: {seccompProfile: {type: Unconfined}}": "4:40 a process without a seccomp profile",
    "securityContext: {appArmorProfile: {type: Unconfined}}": "4:41 a process without an AppArmor profile",
    "securityContext: {seLinuxOptions: {type: unconfined_t}}": "4:40 this SELinux type",
    "securityContext: {seLinuxOptions: {user: a}}": "4:40 an SELinux user",
    "securityContext: {seLinuxOptions: {role: a}}": "4:40 an SELinux role",
    "securityContext: {windowsOptions: {hostProcess: true}}": "4:40 a process of the Windows host",
    "podSecurityContext: {windowsOptions: {hostProcess: true}}": "4:43 a process of the Windows host",
    "podSecurityContext: {seccompProfile: {type: Unconfined}}": "4:43 a process without a seccomp profile",
    "podSecurityContext: {appArmorProfile: {type: Unconfined}}": "4:44 a process without an AppArmor profile",
    "podSecurityContext: {seLinuxOptions: {user: a}}": "4:43 an SELinux user",
    "podSecurityContext: {sysctls: [{name: kernel.msgmax, value: '1'}]}": "4:36 the sysctl kernel.msgmax",
    "podAnnotations: {container.apparmor.security.beta.kubernetes.io/triton: unconfined}": "4:22 the AppArmor profile unconfined",
    "commonAnnotations: {container.apparmor.security.beta.kubernetes.io/triton: unconfined}": "4:25 the AppArmor profile unconfined",
    "livenessProbe: {httpGet: {port: http, host: 10.0.0.1}}": "4:43 the host 10.0.0.1 of a probe or hook",
    "readinessProbe: {tcpSocket: {port: http, host: 10.0.0.1}}": "4:46 the host 10.0.0.1 of a probe or hook",
    "lifecycle: {preStop: {httpGet: {port: 80, host: a.b}}}": "4:47 the host a.b of a probe or hook",
    "sidecars: [{name: a, image: 'b:1', ports: [{containerPort: 9, hostPort: 9}]}]": "4:67 hostPort 9",
    f"sidecars: [{{name: a, image: 'b:1', securityContext: {{privileged: true, {SAFE}}}}}]": "4:58 a privileged container",
    f"initContainers: [{{name: a, image: 'b:1', securityContext: {{privileged: true, {SAFE}}}}}]": "4:64 a privileged container",
    f"podTemplate: {{spec: {{ephemeralContainers: [{{name: a, securityContext: {{privileged: true, {SAFE}}}}}]}}}}": "4:76 a privileged container",
}  # fmt: skip
RESTRICTED = {
    "volumes: [{name: a, nfs: {server: a, path: /}}]": "4:25 an nfs volume",
    "securityContext: {allowPrivilegeEscalation: true}": "4:23 privilege escalation",
    "securityContext: {allowPrivilegeEscalation: null}": "4:23 privilege escalation",
    "securityContext: {capabilities: {drop: [NET_RAW]}}": "4:38 a container that keeps capabilities",
    "securityContext: {capabilities: {add: [CHOWN]}}": "4:38 added capabilities",
    "securityContext: {runAsUser: 0}": "4:23 user 0",
    "securityContext: {runAsNonRoot: false}": "4:23 a container that may run as root",
    "podSecurityContext: {runAsUser: 0}": "4:26 user 0",
    "podSecurityContext: {runAsNonRoot: false}": "4:26 a pod that may run as root",
    "podSecurityContext: {runAsNonRoot: null}": "4:26 a pod that may run as root",
    "podSecurityContext: {seccompProfile: null}": "4:26 a pod without a seccomp profile",
    "sidecars: [{name: a, image: 'b:1', securityContext: {capabilities: {drop: [ALL]}}}]": "4:40 privilege escalation",
    "podTemplate: {spec: {securityContext: {runAsUser: 0}}}": "4:44 user 0",
    f"podTemplate: {{spec: {{containers: [{{name: a, image: 'b:1', securityContext: {{runAsUser: 0, {SAFE}}}}}]}}}}": "4:81 user 0",
    "podTemplate: {spec: {containers: [{name: a, image: 'b:1', securityContext: {allowPrivilegeEscalation: false}}]}}": "4:63 a container that keeps capabilities",
}  # fmt: skip
# What every level admits.
ADMITTED = [
    "sidecars: [{name: a, image: 'b:1'}]",
    "initContainers: [{name: a, image: 'b:1'}]",
    f"sidecars: [{{name: a, image: 'b:1', securityContext: {{runAsUser: 2000, {SAFE}}}}}]",
    "securityContext: {capabilities: {add: [NET_BIND_SERVICE]}}",
    "podSecurityContext: {sysctls: [{name: net.ipv4.tcp_rmem, value: '1'}]}",
    "podSecurityContext: {seLinuxOptions: {type: container_t, level: 's0:c1'}}",
    "podSecurityContext: {seccompProfile: null}\nsecurityContext: {seccompProfile: {type: RuntimeDefault}}",
    "podSecurityContext: {runAsNonRoot: null}\nsecurityContext: {runAsNonRoot: true}",
    "podAnnotations: {container.apparmor.security.beta.kubernetes.io/triton: localhost/mine}",
    "volumes: [{name: a, emptyDir: {}}, {name: b, csi: {driver: c}}, {name: d, ephemeral: {}}]",
    "podTemplate: {spec: {hostUsers: false, securityContext: {runAsUser: 0, runAsNonRoot: false}}}\ntest: {enabled: false}",
]  # fmt: skip


LEVELS = ("privileged", "baseline", "restricted")


def refused(lines: str, build: Build, environments: dict[str, str]) -> list[list[str]]:
    """What TF119 says of an entry with these lines in each environment, without what it says each time."""
    indented = "".join(f"    {line}\n" for line in f"{LOCAL}\n{lines}".splitlines())
    files = {
        f"values/environments/{name}.yaml": f"namespace: {name}\ncluster: {{name: {name}}}\n{more}"
        for name, more in environments.items()
    }
    entries = f"models:\n  - name: one\n    environments: [{', '.join(environments)}]\n{indented}"
    found = problems(build(models=entries, files=files))
    return [
        [
            f"{each.position.line - 1}:{each.position.column} {each.message.split(' refuses ')[1]}"
            for each in found
            if each.code == "TF119" and each.environment == name
        ]
        for name in environments
    ]


def by_level(lines: str, build: Build) -> list[list[str]]:
    return refused(lines, build, {level: f"podSecurity: {level}\n" for level in LEVELS})


@pytest.mark.parametrize(("lines", "said"), BASELINE.items())
def test_baseline_and_restricted_refuse_it(lines: str, said: str, build: Build) -> None:
    assert by_level(lines, build) == [[], [said], [said]]


@pytest.mark.parametrize(("lines", "said"), RESTRICTED.items())
def test_restricted_alone_refuses_it(lines: str, said: str, build: Build) -> None:
    assert by_level(lines, build) == [[], [], [said]]


@pytest.mark.parametrize("lines", ADMITTED)
def test_restricted_admits_it(lines: str, build: Build) -> None:
    assert by_level(lines, build) == [[], [], []]


@pytest.mark.parametrize(
    ("lines", "counts"),
    [
        ("livenessProbe: {httpGet: {port: http, host: 10.0.0.1}}", [0, 1, 1]),
        ("podTemplate: {spec: {hostUsers: false, securityContext: {runAsUser: 0}}}", [1, 0, 0]),
        ("podSecurityContext: {sysctls: [{name: net.ipv4.tcp_notsent_lowat, value: '1'}]}", [1, 1, 0]),
    ],
)  # fmt: skip
def test_what_a_level_looks_at_depends_on_the_version(
    lines: str, counts: list[int], build: Build
) -> None:
    versions = ("1.33", "1.35", "1.37")
    environments = {
        f"v{version}".replace(".", "-"): f'kubernetes: "{version}"\n'
        for version in versions
    }
    assert [len(found) for found in refused(lines, build, environments)] == counts


def test_the_pods_of_test_and_benchmark_have_no_template(build: Build) -> None:
    lines = (
        "podSecurityContext: {runAsNonRoot: false}\n"
        "podTemplate: {spec: {securityContext: {runAsNonRoot: true}}}\n"
        "benchmark: {enabled: true, args: [-m, a]}"
    )
    assert by_level(lines, build)[2] == [
        "4:26 a pod that may run as root in the pod of the benchmark",
        "4:26 a pod that may run as root in the pod of the test",
    ]


# Pods of extra objects, by what the object says beside its name: where it is refused at restricted, and for what.
WORKLOADS = {
    "apiVersion: v1, kind: Pod, spec: {hostNetwork: true, containers: [{name: a}]}": "the host's network in Pod x",
    "apiVersion: batch/v1, kind: Job, spec: {template: {spec: {hostPID: true, containers: [{name: a}]}}}": "the host's processes in Job x",
    "apiVersion: batch/v1, kind: CronJob, spec: {jobTemplate: {spec: {template: {spec: {volumes: [{name: a, hostPath: {path: /}}], containers: [{name: a}]}}}}}": "a hostPath volume in CronJob x",
    "apiVersion: apps/v1, kind: DaemonSet, spec: {template: {spec: {containers: [{name: a, securityContext: {privileged: true}}]}}}": "a privileged container in DaemonSet x",
    "apiVersion: example.test/v1, kind: Group, spec: {workers: {podTemplate: {spec: {initContainers: [{name: b, ports: [{hostPort: 9}]}], containers: [{name: a}]}}}}": "hostPort 9 in Group x",
}  # fmt: skip
KINDS = (
    'extraKinds: [{group: "", kind: Pod}, {group: batch, kind: Job}, {group: batch, kind: CronJob},'
    " {group: apps, kind: DaemonSet}, {group: example.test, kind: Group}]\n"
)


@pytest.mark.parametrize(("manifest", "said"), WORKLOADS.items())
def test_pods_of_extra_objects_are_looked_at_as_well(
    manifest: str, said: str, build: Build
) -> None:
    environments = {level: f"podSecurity: {level}\n{KINDS}" for level in LEVELS}
    lines = f"extraObjects: [{{metadata: {{name: x}}, {manifest}}}]"
    found = refused(lines, build, environments)
    counts = [[each for each in level if each.endswith(said)] for level in found]
    assert [len(each) for each in counts] == [0, 1, 1]
    restricted = " ".join(found[2])
    assert "privilege escalation" in restricted
    assert "a pod that may run as root" in restricted


def test_an_extra_pod_with_everything_is_admitted(build: Build) -> None:
    pod = (
        "securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}},"
        f" containers: [{{name: a, securityContext: {{{SAFE}}}}}]"
    )
    lines = f"extraObjects: [{{metadata: {{name: x}}, apiVersion: batch/v1, kind: Job, spec: {{template: {{spec: {{{pod}}}}}}}}}]"
    environments = {level: f"podSecurity: {level}\n{KINDS}" for level in LEVELS}
    assert refused(lines, build, environments) == [[], [], []]


def test_a_refused_part_of_an_extra_object_is_blamed_where_it_is(build: Build) -> None:
    lines = "extraObjects: [{metadata: {name: x}, apiVersion: v1, kind: Pod, spec: {hostIPC: true, containers: [{name: a}]}}]"
    environments = {"baseline": f"podSecurity: baseline\n{KINDS}"}
    assert refused(lines, build, environments) == [["4:76 the host's IPC in Pod x"]]


def test_a_message_says_the_way_out(build: Build) -> None:
    models = (
        "models:\n  - name: one\n    repository: {image: {path: /m}}\n"
        "    sidecars: [{name: a, image: 'b:1', securityContext: {}}]\n"
    )
    way = "or give dev a `podSecurity` that admits it)"
    assert [each.text for each in problems(build(models=models))] == [
        f"Pod Security level `restricted` of dev refuses {what}, {way}"
        for what in (
            "a container that keeps capabilities (write `capabilities: {drop: [ALL]}`",
            "privilege escalation (write `allowPrivilegeEscalation: false`",
        )
    ]
