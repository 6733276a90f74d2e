"""tools/quickstart as a newcomer runs it."""
import os
import re
import subprocess
import unittest

import lode
import retail

QUICKSTART = os.path.join(lode.ROOT, "tools", "quickstart")
MAPPING = os.path.join("config", "mappings", "online_retail.toml")


@unittest.skipUnless(lode.BIN == os.path.join(lode.ROOT, "build", "release", "bin"), "quickstart builds the release preset")
class Quickstart(lode.LodeTest):
    def command(self, *arguments):
        self.port = lode.free_port(2)  # HTTP, and TCP on the next one
        return [QUICKSTART, "--data-dir", os.path.join(self.folder, "data"), "--port", str(self.port), *arguments]

    def run_once(self, *arguments, environment=None):
        done = subprocess.run(self.command("--once", *arguments), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=600, env={**lode.clean_environment(), **(environment or {})})
        self.assertEqual(done.returncode, 0, done.stdout[-3000:] + done.stderr[-3000:])
        self.assertIn("\ndaily_sales\n", done.stdout)
        self.assertRegex(done.stdout, r"acknowledged after \d+\.\d ms")
        self.assertIn(f"http://127.0.0.1:{self.port}/", done.stdout)
        return done.stdout

    def report(self, output):
        return output[output.index("\ndaily_sales\n"):output.index("one order posted")]

    def test_once_and_again(self):
        first = self.run_once()
        self.assertIn("synthetic", first)
        self.assertEqual(self.report(first), self.report(self.run_once()))
        with self.assertRaises(OSError):
            lode.socket.create_connection(("127.0.0.1", self.port), 1)

    def test_it_serves_until_it_is_told_to_end(self):
        process = self.begin_script(self.command())
        taken = subprocess.run([QUICKSTART, "--once", "--port", str(self.port)], stdin=subprocess.DEVNULL,
                               capture_output=True, text=True)
        self.assertNotEqual(taken.returncode, 0)
        self.assertIn(f"port {self.port} is in use", taken.stderr)
        self.end_script(process)

    def test_wrong_arguments(self):
        for arguments in (["--colour"], ["--import", "/nowhere.csv"], ["--port", "x"], ["--import"]):
            self.assert_wrong_usage([QUICKSTART, *arguments])

    @unittest.skipUnless(retail.path() and lode.LEVEL != "quick", "online_retail.csv.zst is not at hand, or --quick")
    def test_import_of_a_real_file(self):
        output = self.run_once("--import", retail.path(), "--mapping", MAPPING,
                               environment={"LODE_SILVER_FEE_SKUS": ",".join(retail.FEE_SKUS)})
        self.assertTrue(re.search(r"GBP .*9793394\.69", self.report(output)), self.report(output))


class Readme(unittest.TestCase):
    def test_it_names_both_commands(self):
        with open(os.path.join(lode.ROOT, "README.md"), encoding="utf-8") as file:
            text = file.read()
        self.assertIn("tools/quickstart", text)
        self.assertIn("tools/test", text)

    def test_every_command_of_the_tree_that_it_names_is_there(self):
        with open(os.path.join(lode.ROOT, "README.md"), encoding="utf-8") as file:
            text = file.read()
        for name in set(re.findall(r"(?<![\w/.])((?:tools|config|tests|src|schema|docs)/[\w./-]*\w)", text)):
            self.assertTrue(os.path.exists(os.path.join(lode.ROOT, name)), f"README.md names {name}, which is not there")
