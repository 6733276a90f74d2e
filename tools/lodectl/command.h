// The commands of lodectl. Each file command_*.cpp adds one (or one family) to the parser, with its help and
// examples, and stores what it does in Context::run, which main calls after parsing.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>

namespace CLI {
class App;
}

namespace lode::lodectl {

// Exit codes; scripts rely on them.
enum Exit : int { kDone = 0, kFailed = 1, kUsage = 2, kUnreachable = 3 };

// Ends the command with kFailed or kUsage; what() is the sentence for the user.
class Failed : public std::runtime_error {
 public:
  explicit Failed(const std::string& text, Exit code = kFailed) : std::runtime_error(text), exit(code) {}
  Exit exit;
};

struct Context {
  std::string url = "http://127.0.0.1:7070";  // --url, --host, LODE_URL
  bool json = false;                          // --json
  std::function<int()> run;
};

void add_generate(CLI::App& app, Context& context);
void add_import(CLI::App& app, Context& context);
void add_status(CLI::App& app, Context& context);
void add_query(CLI::App& app, Context& context);
void add_tail(CLI::App& app, Context& context);
void add_log(CLI::App& app, Context& context);
void add_log_truncate(CLI::App& log, Context& context);
void add_views(CLI::App& app, Context& context);
void add_views_change(CLI::App& views, Context& context);
void add_quality(CLI::App& app, Context& context);
void add_quarantine(CLI::App& app, Context& context);
void add_explain(CLI::App& app, Context& context);
void add_cluster(CLI::App& app, Context& context);
void add_ruleset(CLI::App& app, Context& context);
void add_replay(CLI::App& app, Context& context);
void add_snapshots(CLI::App& app, Context& context);
void add_tasks(CLI::App& app, Context& context);
void add_backup(CLI::App& app, Context& context);
void add_compact(CLI::App& app, Context& context);
void add_restore(CLI::App& app, Context& context);
void add_verify(CLI::App& app, Context& context);
void add_repair(CLI::App& app, Context& context);
void add_reload(CLI::App& app, Context& context);
void add_completion(CLI::App& app, Context& context);

// All of them, and what holds for each. `context` outlives the parsing; its url is LODE_URL's where that is
// set.
void add_commands(CLI::App& app, Context& context);

// The whole program: parses, runs, reports errors on stderr; answers the exit code.
int run(int argc, const char* const* argv);

}  // namespace lode::lodectl
