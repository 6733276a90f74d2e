"""The Debian packages: built, looked at, unpacked and started; with --long installed in a fresh system under its own systemd."""
import glob
import json
import os
import re
import signal
import subprocess
import tempfile
import time

import lode
import service_manager
import shop

BUILD = os.path.dirname(lode.BIN)
UNIT = os.path.join(lode.ROOT, "config", "loded.service")


def run(*command, **options):
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, **{"timeout": 600, **options})


class PackageTest(lode.LodeTest):
    packages = None  # {name: path}, built once

    @classmethod
    def setUpClass(cls):
        if PackageTest.packages:
            return
        cls.made = tempfile.TemporaryDirectory(prefix="lode-deb-")
        cls.addClassCleanup(cls.made.cleanup)
        done = run("cpack", "--config", os.path.join(BUILD, "CPackConfig.cmake"), "-B", cls.made.name)
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        paths = glob.glob(os.path.join(cls.made.name, "*.deb"))
        cls.packages = {os.path.basename(path).split("_")[0]: path for path in paths}

    def check(self, *command, **options):
        done = run(*command, **options)
        self.assertEqual(done.returncode, 0, f"{command}: {done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done.stdout


class Packages(PackageTest):
    def unpacked(self):
        folder = os.path.join(self.folder, "root")
        self.check("dpkg-deb", "-x", self.packages["lode"], folder)
        return folder

    def test_what_is_in_them(self):
        self.assertEqual(set(self.packages), {"lode", "lode-dev"})
        root = self.unpacked()
        for path in ("usr/bin/loded", "usr/bin/lodectl", "usr/bin/lode-bench", "etc/lode/loded.toml", "lib/systemd/system/loded.service",
                     "usr/share/man/man8/loded.8.gz", "usr/share/man/man1/lodectl.1.gz", "usr/share/man/man5/loded.toml.5.gz",
                     "usr/share/bash-completion/completions/lodectl", "usr/share/zsh/vendor-completions/_lodectl",
                     "usr/share/fish/vendor_completions.d/lodectl.fish", "usr/share/doc/lode/copyright", "usr/share/lode/views/daily_sales.toml"):
            self.assertTrue(os.path.exists(os.path.join(root, path)), path)
        control = self.check("dpkg-deb", "-f", self.packages["lode"])
        self.assertRegex(control, r"Depends: .*librocksdb7\.8 .*libstdc\+\+6")  # of the programs as they were linked
        self.assertIn("adduser", control)
        self.assertNotIn("libraft", control)
        conffiles = self.check("dpkg-deb", "-I", self.packages["lode"], "conffiles")
        self.assertEqual(conffiles.split(), ["/etc/lode/loded.toml"])
        self.assertIn("usr/include/lode/engine.h", self.check("dpkg-deb", "-c", self.packages["lode-dev"]))

    def test_what_is_unpacked_runs_and_tells_the_service_manager(self):
        root = self.unpacked()
        config = os.path.join(root, "etc/lode/loded.toml")
        with open(config, encoding="utf-8") as file:
            text = file.read()
        self.assertIn('data_dir = "/var/lib/lode"', text)
        self.assertEqual(run(os.path.join(root, "usr/bin/loded"), "--config", config, "--check-config").returncode, 0)
        manager = service_manager.ServiceManager(self.folder, watchdog_seconds=60)
        self.addCleanup(manager.close)
        node = self.server("--config", config, environment=manager.environment)
        node.command = lambda: [os.path.join(root, "usr/bin/loded"), *lode.Server.command(node)[1:]]
        node.start()
        manager.wait("READY")
        self.assertEqual(node.post(shop.purchase(1)).json["accepted"], 1)
        lodectl = os.path.join(root, "usr/bin/lodectl")
        done = self.check(lodectl, "--host", node.url, "--json", "query", "daily_sales")
        self.assertEqual(json.loads(done)["rows"][0]["transactions"], 1)
        self.assertEqual(node.stop(), 0)

    def test_the_unit_is_sound_and_hardened(self):
        if not lode.shutil.which("systemd-analyze"):
            self.skipTest("systemd is not installed")
        root = self.unpacked()
        with open(os.path.join(root, "lib/systemd/system/loded.service"), encoding="utf-8") as file:
            text = file.read()
        unit = os.path.join(self.folder, "loded.service")
        with open(unit, "w", encoding="utf-8") as file:
            file.write(text.replace("/usr/bin/", os.path.join(root, "usr/bin/")).replace("Documentation=", "#"))
        self.assertEqual(self.check("systemd-analyze", "verify", unit), "")
        score = self.check("systemd-analyze", "security", "--offline=true", unit)
        found = re.search(r"Overall exposure level for loded.service: ([\d.]+) OK", score)
        self.assertTrue(found, score[-300:])
        print(f"exposure of the unit: {found.group(1)}", flush=True)
        self.assertLess(float(found.group(1)), 2)

    def test_lintian_finds_no_error(self):
        if not lode.shutil.which("lintian"):
            self.skipTest("lintian is not installed")
        done = run("lintian", "--allow-root", "--fail-on", "error", "--tag-display-limit", "0", self.packages["lode"], self.packages["lode-dev"])
        print(done.stdout, flush=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_scripts_are_sound(self):
        if not lode.shutil.which("shellcheck"):
            self.skipTest("shellcheck is not installed")
        self.check("shellcheck", *(os.path.join(lode.ROOT, "packaging", name) for name in ("postinst", "prerm", "postrm")))


@lode.unittest.skipUnless(lode.LEVEL == "long", "makes a system of its own: with --long")
class Installed(PackageTest):
    """In a container with a systemd of its own, made by debootstrap."""

    def setUp(self):
        super().setUp()
        for tool in ("debootstrap", "systemd-nspawn", "nsenter"):
            if not lode.shutil.which(tool):
                self.skipTest(f"{tool} is not installed")
        self.root = os.path.join(self.folder, "root")
        self.check("debootstrap", "--variant=minbase", "--include=systemd,dbus,adduser,procps,init-system-helpers", "bookworm", self.root)
        lode.shutil.copy("/etc/resolv.conf", os.path.join(self.root, "etc/resolv.conf"))
        lode.shutil.copy(self.packages["lode"], os.path.join(self.root, "lode.deb"))
        depends = self.check("dpkg-deb", "-f", self.packages["lode"], "Depends")
        names = [re.match(r"\S+", part).group() for part in depends.split(", ")]
        self.check("chroot", self.root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", "--no-install-recommends", "install", *names)
        self.boot()

    def boot(self):
        self.nspawn = subprocess.Popen(["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network", "--boot", "-D", self.root],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        self.addCleanup(self.halt)
        children = f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children"
        self.init = lode.wait_for(lambda: (os.path.exists(children) and open(children, encoding="utf-8").read().split() or [None])[0], 60)
        lode.wait_for(lambda: self.inside("systemctl", "is-system-running").stdout.strip() in ("running", "degraded"), 120)

    def halt(self):
        self.nspawn.send_signal(signal.SIGTERM)
        try:
            self.nspawn.wait(60)
        except subprocess.TimeoutExpired:
            self.nspawn.kill()
            self.nspawn.wait()

    def inside(self, *command, given=None):
        return subprocess.run(["nsenter", "-t", self.init, "-m", "-u", "-i", "-n", "-p", "-r", "-w", *command], input=given or "", capture_output=True, text=True,
                              timeout=300)

    def do(self, *command, given=None):
        done = self.inside(*command, given=given)
        self.assertEqual(done.returncode, 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}\n{self.journal()[-3000:]}")
        return done.stdout

    def journal(self):
        return self.inside("journalctl", "-u", "loded", "--no-pager", "-o", "cat").stdout

    def shown(self, *names):
        return dict(line.split("=", 1) for line in self.do("systemctl", "show", "loded", *(f"-p{name}" for name in names)).splitlines())

    def transactions(self):
        return json.loads(self.do("lodectl", "--json", "query", "daily_sales"))["rows"][0]["transactions"]

    def buy(self, number):
        self.do("lodectl", "import", "-", given=json.dumps(shop.purchase(number)) + "\n")

    def test_installed_served_reloaded_watched_upgraded_removed_and_purged(self):
        begun = time.monotonic()
        self.do("dpkg", "-i", "/lode.deb", given="")
        print(f"installed and started in {time.monotonic() - begun:.1f} s", flush=True)
        state = self.shown("ActiveState", "Type", "StatusText", "User", "NRestarts", "WatchdogUSec")
        self.assertEqual((state["ActiveState"], state["Type"], state["User"]), ("active", "notify", "lode"), self.journal())
        self.assertEqual(state["StatusText"], "serving, applied up to offset -1")
        self.assertEqual(self.do("systemctl", "is-enabled", "loded").strip(), "enabled")
        self.assertEqual(self.do("stat", "-c", "%U:%G %a", "/var/lib/lode").strip(), "lode:lode 700")
        score = self.do("systemd-analyze", "security", "loded", "--no-pager")
        print(score.strip().splitlines()[-1], flush=True)
        self.assertRegex(score, r"exposure level for loded.service: [01]\.\d OK")
        self.buy(1)
        self.assertEqual(self.transactions(), 1)
        self.reload()
        self.watch()
        self.upgrade()
        self.remove_and_purge()

    def reload(self):
        config = os.path.join(self.root, "etc/lode/loded.toml")
        with open(config, encoding="utf-8") as file:
            text = file.read()
        with open(config, "w", encoding="utf-8") as file:
            file.write(text.replace('format = "text"', 'format = "logfmt"'))
        self.do("systemctl", "reload", "loded")
        self.assertIn("taken=log.format", self.journal())
        with open(config, "w", encoding="utf-8") as file:
            file.write(text + "nonsense = 1\n")
        self.assertNotEqual(self.inside("systemctl", "reload", "loded").returncode, 0)
        self.assertIn("nonsense", self.journal())
        self.assertEqual(self.shown("ActiveState")["ActiveState"], "active")
        with open(config, "w", encoding="utf-8") as file:
            file.write(text)

    def watch(self):
        """A process that stands still is started anew, with everything it had acknowledged."""
        folder = os.path.join(self.root, "etc/systemd/system/loded.service.d")
        os.makedirs(folder)
        with open(os.path.join(folder, "watch.conf"), "w", encoding="utf-8") as file:
            file.write("[Service]\nWatchdogSec=2\n")
        self.do("systemctl", "daemon-reload")
        self.do("systemctl", "restart", "loded")
        self.buy(2)
        before = self.shown("MainPID")["MainPID"]
        self.do("kill", "-STOP", before)
        lode.wait_for(lambda: self.shown("NRestarts", "ActiveState") == {"NRestarts": "1", "ActiveState": "active"}, 60)
        self.assertNotEqual(self.shown("MainPID")["MainPID"], before)
        self.assertEqual(self.transactions(), 2)

    def upgrade(self):
        before = self.shown("MainPID")["MainPID"]
        begun = time.monotonic()
        self.do("dpkg", "-i", "/lode.deb", given="")
        print(f"upgraded and restarted in {time.monotonic() - begun:.1f} s", flush=True)
        self.assertNotEqual(self.shown("MainPID")["MainPID"], before)
        self.assertEqual(self.transactions(), 2)

    def remove_and_purge(self):
        self.do("dpkg", "-r", "lode", given="")
        self.assertFalse(os.path.exists(os.path.join(self.root, "usr/bin/loded")))
        self.assertTrue(os.path.exists(os.path.join(self.root, "var/lib/lode/log")))
        self.assertTrue(os.path.exists(os.path.join(self.root, "etc/lode/loded.toml")))
        self.assertIn("stopped", self.journal())
        self.do("dpkg", "-i", "/lode.deb", given="")
        self.assertEqual(self.transactions(), 2)
        self.do("dpkg", "-P", "lode", given="")
        for path in ("var/lib/lode", "etc/lode", "usr/bin/loded", "lib/systemd/system/loded.service"):
            self.assertFalse(os.path.exists(os.path.join(self.root, path)), path)
        self.assertNotEqual(self.inside("systemctl", "is-active", "loded").returncode, 0)
