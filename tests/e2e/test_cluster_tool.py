"""tools/cluster as a newcomer runs it, and lodectl against the cluster that it makes."""
import json
import os
import re
import subprocess
import unittest

import lode

SCRIPT = os.path.join(lode.ROOT, "tools", "cluster")
STEP = 10  # ports from one node's to the next


@unittest.skipUnless(lode.BIN == os.path.join(lode.ROOT, "build", "release", "bin"), "the script builds the release preset")
class ClusterTool(lode.LodeTest):
    def command(self, *arguments):
        self.port = lode.free_port(2 * STEP + 3)
        return [SCRIPT, "--data-dir", os.path.join(self.folder, "data"), "--port", str(self.port), *arguments]

    def lodectl(self, node, *arguments):
        return self.run_program("lodectl", "--url", f"http://127.0.0.1:{self.port + (node - 1) * STEP}", *arguments)

    def reports(self, output):
        """What each node reports, without its name."""
        return re.findall(r"daily_sales of node \d, all days, by currency\n(.*?)\n\n", output, re.DOTALL)

    def test_once_and_again(self):
        before = None
        for _ in range(2):
            done = subprocess.run(self.command("--once"), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
                                  env=lode.clean_environment())
            self.assertEqual(done.returncode, 0, done.stdout[-3000:] + done.stderr[-3000:])
            reports = self.reports(done.stdout)
            self.assertEqual(len(reports), 3, done.stdout)
            self.assertEqual(len(set(reports)), 1)
            self.assertIn(before, (None, reports[0]))
            before = reports[0]
            self.assertEqual(len(re.findall(r"100%  equal", done.stdout)), 3, done.stdout[:3000])

    def test_it_serves_until_it_is_told_to_end(self):
        process = self.begin_script(self.command())
        status = json.loads(self.lodectl(3, "--json", "cluster", "status").stdout)
        self.assertEqual([node["role"] for node in status["nodes"]], ["voter"] * 3)
        other = status["leader"]["id"] % 3 + 1
        done = self.lodectl(1, "cluster", "transfer", str(other))
        self.assertEqual((done.returncode, done.stdout), (0, f"node {other} leads\n"), done.stderr)
        again = self.lodectl(1, "cluster", "init")
        self.assertEqual(again.returncode, 1)
        self.assertIn("already_in_cluster", again.stderr)
        self.end_script(process)
        self.assertEqual(self.lodectl(1, "cluster", "status").returncode, 3)

    def test_wrong_arguments(self):
        for arguments in (["--colour"], ["--port", "x"], ["--port"], ["--port", "65530"]):
            self.assert_wrong_usage([SCRIPT, *arguments])
