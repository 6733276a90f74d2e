"""The library in a program: the example, built from an installed prefix by CMake and by pkg-config, and run."""
import os
import shutil
import subprocess

import lode

EXAMPLE = os.path.join(lode.ROOT, "tools", "example")
BUILD = os.path.dirname(lode.BIN)
SAID = """accepted 1, again: duplicates 1
0 {"event_id":"e-1"
1 {"event_id":"e-2"
2025-03-01 27.00 EUR
2025-03-03 -6.75 EUR
"""


class InstalledPrefix(lode.LodeTest):
    def setUp(self):
        super().setUp()
        if lode.LEVEL == "quick":
            self.skipTest("builds programs")
        self.prefix = os.path.join(self.folder, "prefix")
        self.done("cmake", "--install", BUILD, "--prefix", self.prefix, "--component", "development")

    def done(self, *command, **more):
        ran = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False,
                             cwd=self.folder, **more)
        self.assertEqual(ran.returncode, 0, f"{command}:\n{ran.stdout}{ran.stderr}")
        return ran.stdout

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def assert_runs(self, program, environment=None):
        data = self.path("data")
        self.assertEqual(self.done(program, data, env={**os.environ, **(environment or {})}), SAID)
        again = self.done(program, data, env={**os.environ, **(environment or {})})
        self.assertTrue(again.startswith("accepted 0, again: duplicates 1\n"), again)
        server = self.started()  # what a program wrote a server reads
        server.stop()
        shutil.rmtree(server.data_dir)
        shutil.move(data, server.data_dir)
        server.flags = ["--gold-time-zone", "Europe/Berlin"]
        server.start()
        self.assertEqual([row["net_sales"] for row in server.gold("daily_sales")], ["27.00", "-6.75"])
        refused = subprocess.run([program, server.data_dir], capture_output=True, text=True, timeout=60, check=False,
                                 env={**os.environ, **(environment or {})})
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("uses this data folder", refused.stderr)

    def test_by_cmake(self):
        build = self.path("build")
        self.done("cmake", "-S", EXAMPLE, "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}")
        self.done("cmake", "--build", build)
        self.assert_runs(os.path.join(build, "shop"))

    def test_by_pkg_config(self):
        moved = self.path("moved")  # the paths are the file's own
        shutil.move(self.prefix, moved)
        environment = {**os.environ, "PKG_CONFIG_PATH": self.done("find", moved, "-name", "pkgconfig").strip()}
        flags = self.done("pkg-config", "--cflags", "--libs", "lode", env=environment).split()
        for flag in flags:
            self.assertRegex(flag, r"^-(I|L).*/moved|^-llode$")
        program = self.path("shop")
        self.done("c++", "-std=c++17", "-Wall", "-Wextra", "-Werror", os.path.join(EXAMPLE, "main.cpp"), "-o", program, *flags)
        libraries = next(flag[2:] for flag in flags if flag.startswith("-L"))
        self.assert_runs(program, {"LD_LIBRARY_PATH": libraries})

    def test_only_what_the_headers_say_is_there(self):
        installed = sorted(os.path.relpath(os.path.join(folder, name), self.prefix)
                           for folder, _, names in os.walk(self.prefix) for name in names)
        self.assertEqual([name for name in installed if name.startswith("include/")],
                         ["include/lode/client.h", "include/lode/engine.h", "include/lode/event.h"])
        self.assertTrue(any(name.endswith("lode-config.cmake") for name in installed), installed)
