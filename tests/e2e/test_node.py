"""Starting loded: configuration, addresses, one server a data folder, another ruleset."""
import os

import lode
import shop


class Configuration(lode.LodeTest):
    def loded(self, *arguments, environment=None):
        return self.run_program("loded", *arguments, "--check-config", environment=environment, timeout=30)

    def config(self, text):
        file = os.path.join(self.folder, "loded.toml")
        with open(file, "w", encoding="utf-8") as out:
            out.write(text)
        return file

    def test_the_documented_configuration_is_valid(self):
        done = self.loded("--config", os.path.join(lode.ROOT, "config", "loded.toml"))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_an_unknown_key_names_the_nearest(self):
        done = self.loded("--config", self.config("[http]\nlisen = '127.0.0.1:1'\n"))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("http.listen", done.stderr)

    def test_an_unknown_flag_names_the_nearest(self):
        done = self.loded("--http-lisen", "127.0.0.1:1")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("http-listen", done.stderr)

    def test_unknown_variables_are_ignored(self):
        self.assertEqual(self.loded(environment={"LODE_SOMETHING": "x"}).returncode, 0)

    def test_another_address_than_loopback_needs_insecure(self):
        for refused in (["--http-listen", "0.0.0.0:7070"], ["--tcp-listen", "0.0.0.0:7071"]):
            done = self.loded(*refused)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("insecure", done.stderr)
            self.assertEqual(self.loded(*refused, "--insecure").returncode, 0)

    def test_a_switch_can_be_turned_off(self):
        done = self.loded("--http-listen", "0.0.0.0:7070", "--insecure=false")
        self.assertEqual(done.returncode, 2)
        self.assertIn("insecure", done.stderr)
        self.assertEqual(self.loded("--http-listen", "0.0.0.0:7070", "--insecure=true").returncode, 0)
        file = self.config("insecure = true\n[http]\nlisten = '0.0.0.0:7070'\n")
        self.assertEqual(self.loded("--config", file).returncode, 0)
        self.assertEqual(self.loded("--config", file, "--insecure=false").returncode, 2)
        self.assertIn("true or false", self.loded("--insecure=perhaps").stderr)

    def test_a_cluster_is_checked(self):
        node = ["--cluster-id", "2", "--cluster-listen", "127.0.0.1:7072", "--cluster-peers"]
        self.assertEqual(self.loded(*node, "2=127.0.0.1:7072,3=127.0.0.1:7073").returncode, 0)
        done = self.loded(*node, "3=10.0.0.3:7073")
        self.assertEqual(done.returncode, 2)
        self.assertIn("certificates", done.stderr)

    def test_wrong_values_are_named(self):
        for flag, value, named in (("--gold-time-zone", "Mars/Olympus", "Mars/Olympus"),
                                   ("--http-listen", "nowhere", "nowhere"), ("--http-threads", "none", "http.threads"),
                                   ("--log-level", "loud", "loud")):
            done = self.loded(flag, value)
            self.assertNotEqual(done.returncode, 0, flag)
            self.assertIn(named, done.stderr)

    def test_flag_before_environment_before_file(self):
        file = self.config("[gold]\ntime_zone = 'Mars/File'\n")
        self.assertIn("Mars/File", self.loded("--config", file).stderr)
        variables = {"LODE_GOLD_TIME_ZONE": "Mars/Variable"}
        self.assertIn("Mars/Variable", self.loded("--config", file, environment=variables).stderr)
        self.assertEqual(self.loded("--config", file, "--gold-time-zone", "UTC", environment=variables).returncode, 0)


class Starts(lode.LodeTest):
    def test_a_second_server_on_the_same_data_is_refused(self):
        node = self.started()
        done = self.run_program("loded", "--data-dir", node.data_dir, "--http-listen", f"127.0.0.1:{lode.free_port()}",
                                "--tcp-listen", f"127.0.0.1:{lode.free_port()}", timeout=30)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(os.path.basename(node.data_dir), done.stderr)
        self.assertEqual(node.post(shop.purchase(1)).status, 200)

    def test_a_taken_port_is_named(self):
        node = self.started()
        folder = os.path.join(self.folder, "other")
        for taken, port in (("http", node.port), ("tcp", node.tcp_port), ("cluster", node.port)):
            listens = {"http": lode.free_port(), "tcp": lode.free_port(), "cluster": lode.free_port(), taken: port}
            flags = [flag for name, at in listens.items() for flag in (f"--{name}-listen", f"127.0.0.1:{at}")]
            done = self.run_program("loded", "--data-dir", folder, *flags, timeout=30)
            self.assertEqual(done.returncode, 1)
            self.assertIn("Address already in use", done.stderr)
            self.assertFalse(os.path.exists(folder))

    def test_a_data_folder_is_one_nodes(self):
        node = self.started("--cluster-id", "7")
        node.post(shop.purchase(1))
        node.stop()
        done = self.run_program("loded", "--data-dir", node.data_dir, "--http-listen", f"127.0.0.1:{lode.free_port()}",
                                "--tcp-listen", f"127.0.0.1:{lode.free_port()}", timeout=30)
        self.assertEqual(done.returncode, 1)
        self.assertIn("belongs to node 7, and cluster.id says 1", done.stderr)
        node.start()
        self.assertEqual(node.post(shop.purchase(1)).json["duplicates"], 1)

    def test_a_clean_end(self):
        node = self.started()
        node.post(shop.purchase(1))
        self.assertEqual(node.stop(), 0)
        self.assertTrue(node.log.endswith("info stopped\n"), node.log)
        self.assertLess(node.start(), 5)
        self.assertEqual(node.gold("daily_sales")[0]["transactions"], 1)

    def test_a_damaged_state_is_made_anew_from_the_log(self):
        node = self.started("--cluster-id", "7")
        node.post([shop.purchase(1), shop.purchase(2)])
        self.assertEqual(node.get("/v1/status").json["cluster"], {"id": 7})
        node.stop()
        with open(os.path.join(node.data_dir, "state", "CURRENT"), "w", encoding="utf-8") as file:
            file.write("MANIFEST-999999\n")
        node.start()
        self.assertEqual(node.gold("daily_sales")[0]["transactions"], 2)
        self.assertEqual(node.post(shop.purchase(1)).json["duplicates"], 1)

    def test_the_mode_of_a_folder_that_is_there_stays(self):
        node = self.server()
        os.mkdir(node.data_dir)
        os.chmod(node.data_dir, 0o755)
        node.start()
        self.assertEqual(os.stat(node.data_dir).st_mode & 0o777, 0o755)

    def test_another_ruleset_rebuilds_before_it_is_ready(self):
        node = self.started()
        node.post([shop.purchase(1, [shop.line("POST", 1, "5")], occurred_at="2011-01-05T23:30:00Z"), shop.purchase(2)])
        self.assertEqual({row["day"]: row["fees"] for row in node.gold("daily_sales")}, {"2011-01-05": "0.00"})
        node.stop()
        node.flags = ["--silver-fee-skus", "POST", "--gold-time-zone", "Europe/Berlin"]
        node.start()
        rows = {row["day"]: row for row in node.gold("daily_sales")}
        self.assertEqual((rows["2011-01-06"]["fees"], rows["2011-01-06"]["transactions"]), ("5.00", 0))
        self.assertEqual(rows["2011-01-05"]["gross_sales"], "15.30")

    def test_a_new_view_needs_no_code(self):
        views = os.path.join(self.folder, "views")
        lode.shutil.copytree(os.path.join(lode.ROOT, "config", "views"), views)
        node = self.started()
        node.post(shop.purchase(1, channel="app"))
        node.stop()
        with open(os.path.join(views, "channel_sales.toml"), "w", encoding="utf-8") as file:
            file.write('name = "channel_sales"\ndescription = "By channel."\nsource = "order_lines"\n'
                       'keys = ["channel", "currency"]\nmeasures = [\n'
                       '  { name = "orders", distinct = "order", kinds = ["sale"] },\n'
                       '  { name = "sales", sum = "net_amount", kinds = ["sale"] },\n]\n')
        node.flags = ["--gold-views-dir", views]
        node.start()
        self.assertEqual(node.gold("channel_sales"), [{"channel": "app", "currency": "GBP", "orders": 1, "sales": "15.30"}])
